// Where profiled rows come from, and which of their columns can be profiled.
import { type Tables, tableOf } from '../../../build/tables/duckdb.ts'
import { LockstepError } from '../../../foundation/errors.ts'
import { logicalTypeOf } from '../data-check.ts'

/** Files, or a SELECT statement. */
export type ProfileSource = string | readonly string[] | { readonly sql: string }

export function fromOf(source: ProfileSource): string {
  return typeof source === 'string' || !('sql' in source) ? tableOf(source) : `(${source.sql})`
}

/** DuckDB's type by column, in the order of the table. */
export async function typesOf(
  tables: Tables,
  source: ProfileSource,
): Promise<ReadonlyMap<string, string>> {
  const rows = await tables.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${fromOf(source)}`,
  )
  return new Map(rows.map((row) => [row.column_name, row.column_type]))
}

export function isProfiled(type: string | undefined): type is string {
  const logical = type === undefined ? undefined : logicalTypeOf(type)
  return logical !== undefined && logical !== 'date' && logical !== 'timestamp'
}

export function unprofilable(
  name: string,
  type: string | undefined,
  present: ReadonlyMap<string, string>,
): LockstepError {
  return new LockstepError({
    code: 'profile.column',
    kind: 'invalid',
    message:
      type === undefined
        ? `Column ${name} cannot be profiled: it is not in the table.`
        : `Column ${name} cannot be profiled: it is ${type}; numbers, text and booleans can be.`,
    hint: `Columns present: ${[...present.keys()].join(', ')}.`,
  })
}
