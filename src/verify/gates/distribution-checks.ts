// `drift(*) <= 0.1` and `leakage <= 0.97`: checks of a table that are decided from bounds rather than from counts alone.
import { type DriftCheck, type DriftMethod, driftMethods } from '../data/drift/drift-check.ts'
import { judgeDrift } from '../data/drift/drift-judge.ts'
import type { LeakageCheck } from '../data/leakage/leakage-check.ts'
import { judgeLeakage } from '../data/leakage/leakage-judge.ts'
import type { CheckForm, CheckLine, PartOf } from './check-family.ts'
import type { CheckStatistics, GateSettings, Judgement } from './check-result.ts'
import type { CheckProblems, DataCheckSpec } from './check-spec.ts'
import { type Comparison, type Piece, parseShare } from './language/check-line.ts'
import { fail, nearestHint, writeName } from './language/parse-parts.ts'
import type { OptionReader } from './language/read-options.ts'

export const distributionNames: readonly string[] = ['drift', 'leakage']

export const distributionForms: readonly CheckForm[] = [
  { line: 'drift(*) <= 0.1', says: 'no column moved (PSI) since the champion was made' },
  {
    line: 'drift(age) <= 0.1',
    options: { vs: 'survey', method: 'wasserstein' },
    says: 'one column against another dataset or a profile file, by another distance',
  },
  {
    line: 'drift(plan) <= 1%',
    options: { method: 'new_values' },
    says: 'hardly any value the reference never saw; also lost_values and missing',
  },
  { line: 'leakage <= 0.97', says: 'no column alone, nor the row number, gives the label away' },
]

/** Beside those of every data check; the names are refused where they say nothing. */
export const distributionOptions: readonly string[] = ['vs', 'method', 'bins']

type Part = PartOf<DataCheckSpec>

/** Undefined when the line is neither. */
export function parseDistribution(
  line: CheckLine,
  read: OptionReader,
): Part | CheckProblems | undefined {
  const { comparison, call } = line
  if (comparison !== undefined && call?.name === 'drift')
    return parseDrift(call.argument, comparison, read)
  if (comparison !== undefined && comparison.left.text === 'leakage')
    return parseLeakage(comparison, read)
  for (const name of distributionOptions)
    if (read.has(name)) read.complain(`${name} is an option of drift checks only`)
  return undefined
}

function parseDrift(
  argument: Piece,
  { left, op, right }: Comparison,
  read: OptionReader,
): Part | CheckProblems {
  if (argument.text === '')
    return fail(left, 'drift needs a column', 'Write drift(age), or drift(*) for all.')
  const limit = parseShare(right.text)?.value
  if (limit === undefined || limit < 0)
    return fail(right, `"${right.text}" is not a limit of drift`, 'Write 0.1.')
  if (op !== '<' && op !== '<=')
    return fail(left, 'drift is bounded from above', 'Write drift(*) <= 0.1.')
  const column = argument.text === '*' ? null : argument.text
  const except = read.texts('except')
  if (column !== null && except.length > 0) read.complain('except goes with drift(*) only')
  const check: DriftCheck = {
    ...{ rule: 'drift', column, limit: { op, value: limit }, except },
    vs: read.text('vs') ?? 'champion',
    method: methodOf(read),
    bins: read.number(
      'bins',
      (bins) => Number.isInteger(bins) && bins >= 2 && bins <= 20,
      'a whole number from 2 to 20',
    ),
  }
  for (const name of ['label', 'where', 'mostly'])
    if (read.has(name)) read.complain(`${name} says nothing to drift`)
  const call = `drift(${column === null ? '*' : writeName(column)})`
  return {
    kind: 'data',
    id: `data.${call}${check.method === 'psi' ? '' : `.${check.method}`}${check.vs === 'champion' ? '' : `.vs(${check.vs})`}`,
    text: `${call} ${op} ${limit}`,
    check,
  }
}

/** `js` is the distance, which is what most tools print under that name; the normal form says which. */
function methodOf(read: OptionReader): DriftMethod {
  const written = read.text('method')
  if (written === null) return 'psi'
  const name = written === 'js' ? 'js_distance' : written
  const method = driftMethods.find((one) => one === name)
  if (method === undefined)
    read.complain(`method ${written} is not known`, nearestHint(written, driftMethods, 'methods'))
  return method ?? 'psi'
}

function parseLeakage({ left, op, right }: Comparison, read: OptionReader): Part | CheckProblems {
  const limit = parseShare(right.text)?.value
  if (limit === undefined || limit < 0.5 || limit > 1)
    return fail(
      right,
      `"${right.text}" is not a limit of leakage`,
      'Write an area under the curve between 0.5 and 1, such as 0.97.',
    )
  if (op !== '<' && op !== '<=')
    return fail(left, 'leakage is bounded from above', 'Write leakage <= 0.97.')
  for (const name of distributionOptions)
    if (read.has(name)) read.complain(`${name} says nothing to leakage`)
  const label = read.text('label')
  const check: LeakageCheck = {
    ...{ rule: 'leakage', limit: { op, value: limit }, except: read.texts('except') },
    ...(label === null ? {} : { label }),
  }
  return { kind: 'data', id: 'data.leakage', text: `leakage ${op} ${limit}`, check }
}

/** Undefined when the check or the statistics are those of another kind. */
export function judgeDistribution(
  { check }: DataCheckSpec,
  statistics: CheckStatistics,
  { confidence }: GateSettings,
): Judgement | undefined {
  if (check.rule === 'drift' && statistics.method === 'drift')
    return judgeDrift(check, statistics, confidence)
  if (check.rule === 'leakage' && statistics.method === 'leakage')
    return judgeLeakage(check, statistics, confidence)
  return undefined
}
