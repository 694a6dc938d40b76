// What a check needs: expressions for the one pass that all checks share, and what is made of their values afterwards.
import { quoteName, type Tables } from '../../build/tables/duckdb.ts'
import type { DataCheck } from './data-check.ts'
import type { ChampionRows, DataStatistics, PastRows } from './data-statistics.ts'
import type { FindReference } from './drift/drift-measure.ts'
import type { ColumnTypes, Placeholders } from './sql-values.ts'

/** What is known about a dataset beside its files. */
export interface TableFacts {
  readonly key?: readonly string[]
  readonly time?: string
  readonly label?: string
  /** Values that stand for a missing one, by column. */
  readonly missingValues?: Readonly<Record<string, readonly (string | number)[]>>
  /** Values of rows are never recorded: reports then show counts only. */
  readonly redact?: boolean
  /** Rows of this dataset in earlier releases, the newest last. */
  readonly past?: readonly PastRows[]
  /** What the `vs` of a drift check stands for. */
  readonly reference?: FindReference
  /** The release that serves now, or why nothing can be compared with it. */
  readonly champion?: ChampionRows
}

export interface PlanContext {
  readonly types: ColumnTypes
  readonly facts: TableFacts
  /** ISO 8601. */
  readonly now: string
  /** Text files must be read to know a type. */
  readonly isText: boolean
}

/** Queries after the pass; the same question is asked once. */
export interface Asking {
  /** The engine, which has the table as `this`. */
  readonly tables: Tables
  rows<Row = Record<string, unknown>>(sql: string): Promise<readonly Row[]>
  within<Row = Record<string, unknown>>(sql: string, limitMs: number): Promise<readonly Row[]>
  requireSelect(sql: string): Promise<void>
  /** An exact quantile of a numeric expression over `count` values, linear between neighbours. */
  quantile(value: string, level: number, count: number): Promise<number | null>
}

/**
 * An aggregate that bounds may decide: unless `when` is false, the value of `sql` is that of `instead`. Least and greatest values
 * are shared by all checks of a column, so that `sql` is asked only of a column that has something to count.
 */
export interface Foreseen {
  readonly sql: string
  /** What the bounds are of. */
  readonly of: string
  readonly when: string
  readonly instead: string
}

export interface CheckPlan {
  /** Aggregates of the shared pass. */
  readonly expressions: readonly (string | Foreseen)[]
  finish(values: readonly unknown[], asking: Asking): DataStatistics | Promise<DataStatistics>
  /** It will ask again whatever the pass says: then a text file is read once more and kept. */
  readonly again?: true
  /** Known before, so that all levels of one column are asked together. */
  readonly quantile?: { readonly value: string; readonly level: number }
}

export function placeholdersOf(
  check: DataCheck,
  column: string,
  { facts }: PlanContext,
): Placeholders {
  const own = 'missingValues' in check ? check.missingValues : undefined
  const declared = facts.missingValues?.[column]
  return own === undefined ? declared : [...own, ...(declared ?? [])]
}

export function typeOf({ types }: PlanContext, column: string): string {
  return types.get(column) ?? ''
}

export function known(statistics: DataStatistics): CheckPlan {
  return { expressions: [], finish: () => statistics }
}

export function unanswerable(because: string): CheckPlan {
  return known({ method: 'unreadable', because })
}

/** A column without any value has no type to complain about. */
export function unlessEmpty(check: { readonly column: string }, because: string): CheckPlan {
  return {
    expressions: [`count(${quoteName(check.column)})`],
    finish: ([count]): DataStatistics =>
      Number(count) === 0
        ? { method: 'share', count: 0, of: 0, seen: [] }
        : { method: 'unreadable', because },
  }
}
