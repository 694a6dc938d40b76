// Checks of one table: `rows >= 50_000`, `missing(age) <= 1%`, `sex in [Male, Female]`. DuckDB answers them over all rows.
import { parseDuration } from '../../../foundation/duration.ts'
import type { DataCheck } from '../../data/data-check.ts'
import { type DataStatistics, dataMethods } from '../../data/data-statistics.ts'
import { judgeDataCheck } from '../../data/judge-data-check.ts'
import type { CheckFamily, CheckForm, OwnLimit } from '../check-family.ts'
import { type CheckStatistics, mismatched } from '../check-result.ts'
import { type DataCheckSpec, hasProblems } from '../check-spec.ts'
import {
  distributionForms,
  distributionNames,
  distributionOptions,
  judgeDistribution,
  parseDistribution,
} from '../distribution-checks.ts'
import { parseShare } from '../language/check-line.ts'
import { dataCalls, dataWords, parseComparedData } from '../language/parse-data-compared.ts'
import { dataOptions, withDataOptions } from '../language/parse-data-options.ts'
import { parseWordedData } from '../language/parse-data-words.ts'

const forms: readonly CheckForm[] = [
  { line: 'rows >= 50_000', says: 'at least 50 000 rows' },
  { line: 'rows between 50_000 and 5_000_000', says: 'not too few rows and not too many' },
  {
    line: 'rows >= 0.7 * trailing_mean(7)',
    says: 'not far fewer than the last seven releases had',
  },
  { line: 'rows >= 0.9 * champion', says: 'not far fewer than what serves now was made from' },
  { line: 'columns has [age, education]', says: 'these columns are there; others may be' },
  { line: 'columns = [age, education]', says: 'these columns and no other' },
  { line: 'columns ordered [age, education]', says: 'these and no other, in this order' },
  { line: 'columns in [age, education]', says: 'no other column; each of these may be absent' },
  { line: 'age is integer', says: 'the type of a column' },
  { line: 'amount is DECIMAL(18,3)', says: 'the type it is stored as' },
  { line: 'missing(age) <= 1%', says: 'at most this share has no value: NULL, NaN, empty text' },
  { line: 'missing(age) <= 1%', options: { missing_values: [-999] }, says: 'and no placeholder' },
  { line: 'null(age) = 0', says: 'one kind of missing: null, nan, empty or placeholder' },
  { line: 'nonfinite(wage) = 0', says: 'no NaN and no infinity' },
  { line: 'age between 0 and 90', options: { mostly: '99.9%' }, says: 'a range, for most rows' },
  { line: 'day between 2024-01-01 and 2026-12-31', says: 'a range of dates' },
  { line: 'min(age) >= 0', says: 'a bound on one side' },
  { line: 'sex in [Male, Female]', says: 'no other values' },
  { line: 'code matches "^[A-Z]{3}$"', says: 'a regular expression' },
  {
    line: 'email is email',
    says: 'a format: email, url, uuid, iban, ipv4, ipv6, json, iso_date …',
  },
  { line: 'zip parses as integer', says: 'text that can be read as a type' },
  { line: 'length(name) between 1 and 40', says: 'how long a text is' },
  { line: 'end_ts >= start_ts', says: 'two columns of the same row' },
  { line: 'holds "net + tax = gross"', says: 'any condition in SQL on every row' },
  {
    line: 'age >= min_age',
    options: { where: "country = 'US'" },
    says: 'only rows of a condition',
  },
  {
    line: 'mean(age) between 30 and 50',
    says: 'also median, stdev, sum, skew, min, max, distinct …',
  },
  { line: 'quantile(wage, 0.99) <= 500', says: 'an exact quantile' },
  { line: 'mode_share(city) <= 90%', says: 'the share of the commonest value' },
  { line: 'unique_share(email) >= 99%', says: 'how many of the values are different' },
  { line: 'share(label = 1) between 5% and 40%', says: 'the balance of classes' },
  { line: 'label is binary', says: 'zeros and ones, and some of both' },
  { line: 'unique(person_id)', says: 'a key: no value twice, none missing' },
  { line: 'duplicates = 0', says: 'no row twice' },
  {
    line: 'duplicates(features) <= 1%',
    options: { label: 'y' },
    says: 'same features; or features+label',
  },
  {
    line: 'conflicting_labels <= 0.1%',
    options: { label: 'y' },
    says: 'same features, another label',
  },
  { line: 'constant_columns = 0', options: { share: '99%' }, says: 'no column that says nothing' },
  {
    line: 'all_unique_columns = 0',
    options: { except: ['id'] },
    says: 'no identifier as a feature',
  },
  { line: 'freshness < 26h', says: 'the newest row is not older' },
  { line: 'sql "select * from this where a > b"', says: 'a query that finds no rows' },
  { line: 'sql "select avg(a) from this" <= 5', says: 'a query that answers one number' },
]

export const dataFamily: CheckFamily<DataCheckSpec> = {
  kind: 'data',
  names: [...dataWords, ...dataCalls, ...distributionNames],
  options: [...dataOptions, ...distributionOptions],
  forms: [...forms, ...distributionForms],
  parse(line, read) {
    const distribution = parseDistribution(line, read)
    if (distribution !== undefined) return distribution
    const parsed = line.comparison
      ? parseComparedData(line, line.comparison, read)
      : parseWordedData(line, read)
    return parsed === undefined || hasProblems(parsed) ? parsed : withDataOptions(parsed, read)
  },
  measure: () => ({
    method: 'unreadable',
    because: 'this is a check of data; put it under the checks of a dataset',
  }),
  judge: (spec, statistics, settings) =>
    judgeDistribution(spec, statistics, settings) ??
    (isData(statistics)
      ? { method: 'all rows counted', ...judgeDataCheck(spec.check, statistics) }
      : mismatched(spec)),
  warn: {
    read: (text, { check }) =>
      limitOf(check) === undefined
        ? undefined
        : check.rule === 'freshness'
          ? parseDuration(text)
          : parseShare(text)?.value,
    of: ({ check }) => limitOf(check),
    at: (spec, limit) => ({ ...spec, check: withLimit(spec.check, limit) }),
  },
}

function isData(statistics: CheckStatistics): statistics is DataStatistics {
  return dataMethods.some((method) => method === statistics.method)
}

/** The one number a check is compared with; undefined for ranges and for checks without any. */
function limitOf(check: DataCheck): OwnLimit | undefined {
  if (check.rule === 'freshness') return { op: check.op, limit: check.limitMs }
  if ('limit' in check) return { op: check.limit.op, limit: check.limit.value }
  if (!('limits' in check) || check.limits.length !== 1) return undefined
  const [{ op, value } = { op: '=' as const, value: '' }] = check.limits
  return typeof value === 'number' ? { op, limit: value } : undefined
}

function withLimit(check: DataCheck, value: number): DataCheck {
  if (check.rule === 'freshness') return { ...check, limitMs: value }
  if ('limit' in check) return { ...check, limit: { ...check.limit, value } }
  if (!('limits' in check)) return check
  return { ...check, limits: check.limits.map((limit) => ({ ...limit, value })) } as DataCheck
}
