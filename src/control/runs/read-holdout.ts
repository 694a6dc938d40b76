// The holdout as gates need it: labels, groups and model inputs, column by column, in the file's own order.
import { quoteName, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { EvaluateSpec } from '../../project/project-spec.ts'
import type { ScoredColumn } from '../../serve/runtime/score-rows.ts'

export interface Holdout {
  readonly path: string
  readonly rows: number
  readonly labels: Uint8Array
  readonly groups: ReadonlyMap<string, readonly (string | null)[]>
  readonly inputs: readonly ScoredColumn[]
}

/** Throws `run.holdout_unfit` for a column that is missing, no rows, or a label other than 0 and 1. */
export async function readHoldout(
  tables: Tables,
  path: string,
  spec: EvaluateSpec,
  inputs: readonly string[],
): Promise<Holdout> {
  const table = tableOf(path)
  const present = (await tables.columns(`select * from ${table} limit 0`)).names
  for (const name of [spec.label, ...spec.groups, ...inputs]) {
    if (!present.includes(name))
      throw unfit(`the holdout ${spec.data} has no column '${name}'; it has ${present.join(', ')}`)
  }
  const wanted = [...new Set([spec.label, ...spec.groups, ...inputs])]
  const { names, values } = await tables.columns(
    `select ${wanted.map(quoteName).join(', ')} from ${table}`,
  )
  const column = (name: string) => values[names.indexOf(name)] ?? []
  const labels = Uint8Array.from(column(spec.label), (value) => labelOf(value, spec))
  if (labels.length === 0) throw unfit(`the holdout ${spec.data} has no rows`)
  const groups = spec.groups.map(
    (name) => [name, column(name).map((value) => (value === null ? null : String(value)))] as const,
  )
  return {
    path,
    rows: labels.length,
    labels,
    groups: new Map(groups),
    inputs: inputs.map((name) => ({ name, values: column(name) })),
  }
}

function labelOf(value: unknown, spec: EvaluateSpec): 0 | 1 {
  if (value === 0 || value === false) return 0
  if (value === 1 || value === true) return 1
  throw unfit(
    `the label ${spec.label} of the holdout ${spec.data} holds ${JSON.stringify(value)}; allowed are 0 and 1`,
  )
}

function unfit(message: string): LockstepError {
  return new LockstepError({
    code: 'run.holdout_unfit',
    kind: 'invalid',
    message,
    hint: 'correct evaluate: in lockstep.yaml, or the step that makes the holdout',
  })
}
