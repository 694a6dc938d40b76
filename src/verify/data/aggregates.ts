// The cheap aggregates of many checks as one streaming query: every expression is asked once, however many checks use it.
import { quoteName, quoteText } from '../../build/tables/duckdb.ts'
import { type DataCheck, type DataStatistics, isNumeric, type Limit } from './data-check.ts'

/** SQL expressions a check needs, and how their values become its statistics. */
export interface AggregatePlan {
  readonly expressions: readonly string[]
  readonly read: (values: readonly unknown[]) => DataStatistics
}

/** Undefined for checks that are not an aggregate of one pass (columns, type, unique, duplicates). */
export function planAggregate(
  check: DataCheck,
  typeOf: (column: string) => string,
): AggregatePlan | undefined {
  switch (check.rule) {
    case 'rows':
      return {
        expressions: ['count(*)'],
        read: ([rows]) => ({ method: 'rows', rows: number(rows) }),
      }
    case 'missing':
      return sharePlan(['count(*)', `count_if(${quoteName(check.column)} IS NULL)`])
    case 'nonfinite':
      return planNonFinite(check.column, typeOf(check.column))
    case 'range':
      return planRange(check.column, check.limits, typeOf(check.column))
    case 'allowed': {
      const { tested, list } = allowedSql(check, typeOf(check.column))
      return sharePlan([
        `count(${quoteName(check.column)})`,
        `count_if(${tested} NOT IN (${list}))`,
      ])
    }
    case 'binary': {
      const column = `TRY_CAST(${quoteName(check.column)} AS DOUBLE)`
      return {
        expressions: ['count(*)', `count_if(${column} = 0)`, `count_if(${column} = 1)`],
        read: ([rows, zeros, ones]) => ({
          method: 'binary',
          zeros: number(zeros),
          ones: number(ones),
          rows: number(rows),
        }),
      }
    }
    default:
      return undefined
  }
}

/** Text comparison unless both the column and all values are numbers. */
export function allowedSql(
  check: DataCheck & { rule: 'allowed' },
  type: string,
): { tested: string; list: string } {
  const column = quoteName(check.column)
  const byNumber = isNumeric(type) && check.values.every((value) => typeof value === 'number')
  return {
    tested: byNumber ? column : `CAST(${column} AS VARCHAR)`,
    list: check.values
      .map((value) => (byNumber ? String(value) : quoteText(String(value))))
      .join(', '),
  }
}

/** The condition for one limit. NaN is larger than everything in DuckDB: it must not satisfy `>= 0`. */
function limitSql(column: string, { op, value }: Limit, isFloat: boolean): string {
  const compared = `${column} ${op} ${value}`
  return isFloat ? `(${compared} AND NOT isnan(${column}))` : compared
}

function planRange(name: string, limits: readonly Limit[], type: string): AggregatePlan {
  const column = quoteName(name)
  if (!isNumeric(type)) return unreadable(`${name} is ${type}, and a range needs numbers`)
  const isFloat = isFloating(type)
  const held = limits.map((limit) => limitSql(column, limit, isFloat)).join(' AND ')
  const finite = isFloat ? `CASE WHEN isfinite(${column}) THEN ${column} END` : column
  return sharePlan([
    `count(${column})`,
    `count_if(NOT (${held}))`,
    `min(${finite})`,
    `max(${finite})`,
  ])
}

function planNonFinite(name: string, type: string): AggregatePlan {
  const column = quoteName(name)
  if (!isNumeric(type)) return unreadable(`${name} is ${type}, and only numbers can be NaN or Inf`)
  // Integers and decimals have no NaN: the answer is known without reading.
  const count = isFloating(type) ? `count_if(NOT isfinite(${column}))` : '0'
  return sharePlan([`count(${column})`, count])
}

/** First the values looked at, then those that break the rule, then what to show. */
function sharePlan(expressions: readonly string[]): AggregatePlan {
  return {
    expressions,
    read: ([of, count, ...seen]) => ({
      method: 'share',
      count: number(count),
      of: number(of),
      seen: seen.filter((value) => value !== null).map(number),
    }),
  }
}

function unreadable(because: string): AggregatePlan {
  return { expressions: [], read: () => ({ method: 'unreadable', because }) }
}

export function isFloating(type: string): boolean {
  return /^(FLOAT|REAL|DOUBLE)$/.test(type)
}

function number(value: unknown): number {
  return Number(value)
}
