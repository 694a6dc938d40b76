// Aggregates of one column as checks: exact, over finite values, and the same with any number of threads.
import {
  type Asking,
  type CheckPlan,
  type Foreseen,
  type PlanContext,
  placeholdersOf,
  typeOf,
  unanswerable,
} from './check-plan.ts'
import { type AggregateCheck, isTime } from './data-check.ts'
import { type DataStatistics, unreadable } from './data-statistics.ts'
import { deviationIfFinite, ifFinite } from './foresee.ts'
import { conditionSql, isFloating, isText, numbersSql, presentSql } from './sql-values.ts'

export function planAggregate(check: AggregateCheck, context: PlanContext): CheckPlan {
  switch (check.what) {
    case 'distinct':
    case 'unique_share':
    case 'mode_share':
      return planGroups(check, context)
    case 'min':
    case 'max':
      return planExtreme(check, context)
    default:
      return planNumbers(check, context)
  }
}

/** Values that count, how many there are, and how many of these are finite. */
interface Numbers {
  readonly finite: string
  readonly counts: readonly [all: string, finite: string | Foreseen]
  /** The same without a test, when the column can hold what is not finite; bounds then decide whether the test is needed. */
  readonly untested?: string
}

function numbersOf(check: AggregateCheck, context: PlanContext): Numbers | undefined {
  const type = typeOf(context, check.column)
  const placeholders = placeholdersOf(check, check.column, context)
  const value = numbersSql(check.column, type, placeholders)
  if (value === undefined) return undefined
  const mayBeInfinite = isFloating(type) || isText(type)
  const tests = [
    ...(mayBeInfinite ? [`isfinite(${value})`] : []),
    ...(check.where === undefined ? [] : [conditionSql(check.where)]),
  ]
  const finite = tests.length === 0 ? value : `CASE WHEN ${tests.join(' AND ')} THEN ${value} END`
  const untested = isFloating(type) && check.where === undefined ? { untested: value } : {}
  const given = isText(type) ? presentSql(check.column, type, placeholders) : value
  const all =
    check.where === undefined ? given : `CASE WHEN ${conditionSql(check.where)} THEN ${given} END`
  const count = (counted: string) => `count(${counted})`
  return { finite, counts: [count(all), ofFinite({ finite, ...untested }, count)], ...untested }
}

/** An aggregate over the finite values. */
function ofFinite(
  { finite, untested }: Pick<Numbers, 'finite' | 'untested'>,
  write: (value: string) => string,
): string | Foreseen {
  const sql = write(finite)
  return untested === undefined ? sql : ifFinite(untested, { sql, instead: write(untested) })
}

function planNumbers(check: AggregateCheck, context: PlanContext): CheckPlan {
  const type = typeOf(context, check.column)
  const numbers = numbersOf(check, context)
  if (numbers === undefined) {
    return unanswerable(`${check.column} is ${type}, and ${check.what} needs numbers`)
  }
  const { finite, counts } = numbers
  const answer = (all: unknown, count: unknown, value: number | null): DataStatistics =>
    isText(type) && Number(all) > 0 && Number(count) === 0
      ? unreadable(`${check.column} is ${type}, and ${check.what} needs numbers`)
      : {
          method: 'aggregate',
          value: value === null || !Number.isFinite(value) ? null : value,
          of: Number(count),
          leftOut: Number(all) - Number(count),
        }
  if (check.what === 'median' || check.what === 'quantile') {
    const level = check.what === 'median' ? 0.5 : (check.level ?? 0.5)
    return {
      expressions: counts,
      again: true,
      quantile: { value: finite, level },
      finish: async ([all, count], asking) =>
        answer(
          all,
          count,
          Number(count) === 0 ? null : await asking.quantile(finite, level, Number(count)),
        ),
    }
  }
  const spread = [
    ofFinite(numbers, (value) => `min(${value})::DOUBLE`),
    ofFinite(numbers, (value) => `max(${value})::DOUBLE`),
  ]
  const moments =
    check.what === 'skew'
      ? [moment('mean', numbers), deviation('pop', numbers)]
      : [moment(check.what, numbers)]
  return {
    expressions: [...counts, ...spread, ...moments],
    finish: async ([all, count, least, most, first, second], asking) => {
      const scale = Math.max(Math.abs(Number(least ?? 0)), Math.abs(Number(most ?? 0)))
      if (first === null || first === undefined) return answer(all, count, null)
      if (check.what !== 'skew') {
        const terms = check.what === 'sum' ? Number(count) : 1
        return answer(all, count, steady(Number(first), scale * terms))
      }
      return answer(all, count, await skewOf(finite, [Number(first), Number(second)], asking))
    },
  }
}

function moment(what: AggregateCheck['what'], numbers: Numbers): string | Foreseen {
  if (what === 'mean') return ofFinite(numbers, (value) => `avg(${value})`)
  if (what === 'sum') return ofFinite(numbers, (value) => `sum(${value})`)
  return deviation('samp', numbers)
}

function deviation(of: 'samp' | 'pop', { finite, untested }: Numbers): string | Foreseen {
  const sql = `stddev_${of}(${finite})`
  return untested === undefined ? sql : deviationIfFinite(untested, { sql, of })
}

/**
 * g1 = m3 / m2^1.5 (scipy.stats.skew with bias), from centred values: the engine's own skewness adds up raw powers and
 * loses every digit when the values are far from zero.
 */
async function skewOf(
  finite: string,
  [mean, deviation]: readonly [number, number],
  asking: Asking,
): Promise<number | null> {
  if (!(deviation > 0)) return null
  const [row] = await asking.rows<{ skew: number | null }>(
    `SELECT avg(pow((${finite} - ${mean}::DOUBLE) / ${deviation}::DOUBLE, 3)) AS skew FROM this`,
  )
  return row?.skew === null || row === undefined ? null : steady(row.skew, 1, 9)
}

/** The least and the greatest value, of numbers, times or text; NaN and infinities are no values. */
function planExtreme(check: AggregateCheck, context: PlanContext): CheckPlan {
  const type = typeOf(context, check.column)
  const asNumbers = check.limits.every(({ value }) => typeof value === 'number')
  const numbers = asNumbers ? numbersOf(check, context) : undefined
  if (asNumbers && numbers === undefined)
    return unanswerable(`${check.column} is ${type}, and ${check.what} is compared with a number`)
  if (!asNumbers && !isTime(type))
    return unanswerable(`${check.column} is ${type}, and ${check.what} is compared with a date`)
  const present = presentSql(check.column, type, placeholdersOf(check, check.column, context))
  const times =
    check.where === undefined
      ? present
      : `CASE WHEN ${conditionSql(check.where)} THEN ${present} END`
  const value = numbers?.finite ?? times
  const counts = numbers?.counts ?? [`count(${times})`, `count(${times})`]
  return {
    expressions: [
      ...counts,
      numbers === undefined
        ? `${check.what}(${value})`
        : ofFinite(numbers, (one) => `${check.what}(${one})`),
    ],
    finish: ([all, count, found]) => ({
      method: 'aggregate',
      value: found === null || found === undefined ? null : numbers ? Number(found) : String(found),
      of: Number(count),
      leftOut: Number(all) - Number(count),
    }),
  }
}

/** Distinct values and the commonest one, by a grouping that spills where a distinct count would not. */
function planGroups(check: AggregateCheck, context: PlanContext): CheckPlan {
  const { column, where } = check
  const value = presentSql(column, typeOf(context, column), placeholdersOf(check, column, context))
  return {
    expressions: [],
    again: true,
    finish: async (_, asking) => {
      const { distinct, most, count } = await groupsOf(asking, value, where)
      const found =
        check.what === 'distinct'
          ? distinct
          : (check.what === 'mode_share' ? most : distinct) / count
      const isCount = check.what === 'distinct'
      return {
        method: 'aggregate',
        value: count === 0 && !isCount ? null : found,
        of: count,
        leftOut: 0,
      }
    },
  }
}

export interface Groups {
  readonly distinct: number
  readonly most: number
  readonly count: number
}

export async function groupsOf(asking: Asking, value: string, where?: string): Promise<Groups> {
  const condition = where === undefined ? '' : ` AND ${conditionSql(where)}`
  const [row] = await asking.rows<Groups>(
    `SELECT count(*) AS "distinct", coalesce(max(n), 0) AS most, coalesce(sum(n), 0)::BIGINT AS count FROM (SELECT count(*) AS n FROM this WHERE (${value}) IS NOT NULL${condition} GROUP BY ${value})`,
  )
  return {
    distinct: Number(row?.distinct ?? 0),
    most: Number(row?.most ?? 0),
    count: Number(row?.count ?? 0),
  }
}

/**
 * Sums of floating-point numbers differ in the last bits with the number of threads: what is kept is rounded to 12
 * digits of the largest number that was added, because a mean near zero has fewer digits than its terms.
 */
export function steady(value: number, scale: number, digits = 12): number {
  if (!Number.isFinite(value) || value === 0) return value
  const size = Math.max(Math.abs(value), scale)
  const places = digits - 1 - Math.floor(Math.log10(size))
  if (places > 300) return value
  const rounded = places > 100 || places < 0 ? value : Number(value.toFixed(places))
  return Number(rounded.toPrecision(digits))
}
