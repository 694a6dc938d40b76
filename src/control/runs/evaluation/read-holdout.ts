// The holdout as gates need it: labels, weights, groups and model inputs, column by column, in the file's own order. What
// cannot be judged on is refused here, with its row, before a model is asked anything.
import { quoteName, type Tables, tableOf } from '../../../build/tables/duckdb.ts'
import { faultOfHeader } from '../../../build/tables/header-faults.ts'
import { tableFiles } from '../../../build/tables/table-files.ts'
import { didYouMean } from '../../../project/problems.ts'
import type { EvaluateSpec, ProjectSpec } from '../../../project/project-spec.ts'
import type { ScoredColumn } from '../../../serve/runtime/score-rows.ts'
import type { ColumnValue } from '../../../verify/gates/gate-evidence.ts'
import type { ScoredRows } from '../../../verify/metrics/scored.ts'
import {
  blocksOf,
  clusterKeysOf,
  entitiesOf,
  matureRows,
  rowKeysOf,
  weightsOf,
} from './holdout-columns.ts'
import { type HoldoutLabels, labelsOf } from './holdout-labels.ts'
import { holdoutUnfit, shownValue } from './holdout-unfit.ts'

export interface HoldoutRequest {
  readonly path: string
  readonly spec: EvaluateSpec
  /** Names of what the model takes. */
  readonly inputs: readonly string[]
  /** The columns that tell its rows apart, where the dataset declares some. */
  readonly key?: readonly string[]
  /** Texts that may name columns (checks, slices): those that the file has are read. */
  readonly mentions?: readonly string[]
  /** Default: `mostValues`. */
  readonly most?: number
}

/** Rows times columns that are held in memory at once: about ten million rows of ten columns. */
const mostValues = 100_000_000

export interface Holdout {
  /** The rows as a table expression, in the file's order, without those left out. */
  readonly table: string
  readonly rows: number
  /** Rows too young for their labels to be trusted. */
  readonly immature: number
  readonly labels: HoldoutLabels
  readonly carried: ScoredRows
  /** Of a ranking. */
  readonly queries: Uint32Array | null
  /** Every column that groups, slices or conditions name. */
  readonly columns: ReadonlyMap<string, readonly ColumnValue[]>
  readonly inputs: readonly ScoredColumn[]
  /** Names of all its columns. */
  readonly names: readonly string[]
}

/** Throws `run.holdout_unfit` for a column that is missing or twice there, too few rows, or a label that cannot be judged. */
export async function readHoldout(tables: Tables, request: HoldoutRequest): Promise<Holdout> {
  const { path, spec, inputs, mentions = [], key = [], most = mostValues } = request
  await refuseHeader(tables, path)
  const whole = tableOf(path)
  const present = (await tables.columns(`select * from ${whole} limit 0`)).names
  const declared = declaredColumns(spec)
  for (const [role, name] of [
    ...declared,
    ...inputs.map((input) => ['the model', input] as const),
  ]) {
    if (!present.includes(name)) throw columnMissing(spec, role, name, present)
  }
  const named = columnsNamed(mentions, present)
  const { table, immature } = await matureRows(tables, whole, spec)
  const keys = key.filter((name) => present.includes(name))
  const wanted = [...new Set([...declared.map(([, name]) => name), ...named, ...inputs, ...keys])]
  const [size] = await tables.query<{ rows: number }>(`select count(*) as rows from ${table}`)
  refuseTooMany(spec, { rows: size?.rows ?? 0, columns: wanted.length, most })
  const { names, types, values } = await tables.columns(
    `select ${wanted.map(quoteName).join(', ')} from ${table}`,
  )
  const at = (name: string) => names.indexOf(name)
  const column = (name: string) => values[at(name)] ?? []
  const rows = column(spec.label).length
  refuseTooFew(spec, rows, immature)
  const rowKeys = keys.length === 0 ? undefined : rowKeysOf(keys.map(column), rows)
  const shown = new Set([...declaredGroups(spec), ...named])
  return {
    table,
    rows,
    immature,
    labels: labelsOf(column(spec.label), spec),
    carried: {
      ...(spec.weights === null ? {} : { weights: weightsOf(column(spec.weights), spec) }),
      ...(rowKeys && { rowKeys }),
      ...clustersOf(spec, column, rowKeys),
      ...(spec.time === null || spec.blockMs === null
        ? {}
        : { blocks: blocksOf(column(spec.time), spec, types[at(spec.time)] ?? '') }),
    },
    queries: spec.query === null ? null : entitiesOf(column(spec.query), 'query', spec),
    columns: new Map([...shown].map((name) => [name, column(name).map(plainCell)] as const)),
    inputs: inputs.map((name) => ({ name, values: column(name) })),
    names: present,
  }
}

/** The same rows for another model, which may take other columns. */
export async function readInputs(
  tables: Tables,
  { table }: Pick<Holdout, 'table'>,
  names: readonly string[],
): Promise<readonly ScoredColumn[]> {
  const present = (await tables.columns(`select * from ${table} limit 0`)).names
  const missing = names.find((name) => !present.includes(name))
  if (missing !== undefined)
    throw holdoutUnfit(`the model takes a column '${missing}' that the holdout has not`)
  const { values } = await tables.columns(`select ${names.map(quoteName).join(', ')} from ${table}`)
  return names.map((name, index) => ({ name, values: values[index] ?? [] }))
}

/** Columns of the file that some text names as a word: a superset of what its checks will ask for. */
export function columnsNamed(texts: readonly string[], present: readonly string[]): string[] {
  const isPart = (character: string | undefined) =>
    character !== undefined && /[\p{L}\p{N}_]/u.test(character)
  const names = (text: string, column: string) => {
    for (let at = text.indexOf(column); at >= 0; at = text.indexOf(column, at + 1)) {
      if (!isPart(text[at - 1]) && !isPart(text[at + column.length])) return true
    }
    return false
  }
  return present.filter((column) => column !== '' && texts.some((text) => names(text, column)))
}

function declaredGroups(spec: EvaluateSpec): readonly string[] {
  return [...spec.groups, ...[spec.time, spec.query].filter((name) => name !== null)]
}

function declaredColumns(spec: EvaluateSpec): (readonly [role: string, name: string])[] {
  const { label, weights, clusterBy, time, query, groups } = spec
  const single = { label, weights, cluster_by: clusterBy, time, query }
  return [
    ...Object.entries(single).flatMap(([role, name]) =>
      name === null ? [] : [[`evaluate.${role}`, name] as const],
    ),
    ...groups.map((name) => ['evaluate.groups', name] as const),
  ]
}

/** The entities that are drawn together: of a ranking its queries. */
function clustersOf(
  spec: EvaluateSpec,
  column: (name: string) => readonly unknown[],
  rowKeys: Uint32Array | undefined,
): Pick<ScoredRows, 'clusters' | 'clusterKeys'> {
  const name = spec.query ?? spec.clusterBy
  if (name === null) return {}
  const values = column(name)
  const clusters = entitiesOf(values, 'cluster_by', spec)
  return { clusters, clusterKeys: clusterKeysOf(values, clusters, rowKeys) }
}

/** Columns that tell the rows of the holdout apart; none for the output of a step that declares none. */
export function holdoutKey({ evaluate, datasets }: ProjectSpec): readonly string[] {
  return datasets.find(({ name }) => name === evaluate.data)?.key ?? []
}

async function refuseHeader(tables: Tables, path: string): Promise<void> {
  const { kind, files } = tableFiles([path])
  for (const file of files) {
    const fault = await faultOfHeader(tables, kind, file)
    if (fault) throw fault
  }
}

function refuseTooFew(spec: EvaluateSpec, rows: number, immature: number): void {
  const without =
    immature === 0 ? '' : ` after ${immature} too young for evaluate.matured were left out`
  if (rows === 0) throw holdoutUnfit(`the holdout ${spec.data} has no rows${without}`)
  if (rows === 1)
    throw holdoutUnfit(
      `the holdout ${spec.data} has one row${without}; nothing can be learnt about a model from one row`,
    )
}

/** Said before the memory is full: then nobody could say anything. */
function refuseTooMany(
  spec: EvaluateSpec,
  { rows, columns, most }: Readonly<Record<'rows' | 'columns' | 'most', number>>,
): void {
  if (rows * columns <= most) return
  throw holdoutUnfit(
    `the holdout ${spec.data} has ${rows} rows, and gates and the model read ${columns} of its columns: at most ${most} values are held at once; judge on a sample of the rows (lockstep data select)`,
  )
}

function columnMissing(
  spec: EvaluateSpec,
  role: string,
  name: string,
  present: readonly string[],
): Error {
  const near = didYouMean(name, present)
  const guess = near === undefined ? '' : `; did you mean '${near}'?`
  return holdoutUnfit(
    `the holdout ${spec.data} has no column '${name}', which ${role} names; it has ${present.join(', ')}${guess}`,
  )
}

function plainCell(value: unknown): ColumnValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value
    default:
      return value === null || value === undefined ? null : shownValue(value)
  }
}
