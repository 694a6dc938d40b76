// Select: rows and columns of data files into one Parquet file, the same bytes for the same input. Backs `lockstep data select`.
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { columnHint } from './column-hint.ts'
import { openTables, quoteName, quoteText, type Tables, tableOf } from './duckdb.ts'

export interface SelectRequest {
  readonly from: string | readonly string[]
  /** A SQL condition, for example `split = 'train' AND age >= 18`. */
  readonly where?: string
  /** Kept in this order; default all. */
  readonly columns?: readonly string[]
  /** Default: the order of the files. Rows equal in these columns keep the order of the files. */
  readonly orderBy?: string | readonly string[]
  readonly out: string
}

export interface SelectReport {
  readonly rows: number
  readonly columns: readonly string[]
}

export async function selectTable(request: SelectRequest): Promise<SelectReport> {
  // One thread: row groups are then cut at the same rows every time, which makes the bytes repeatable.
  const tables = await openTables({ threads: 1 })
  const draft = join(
    dirname(request.out),
    `.${process.pid}-${Buffer.from(request.out).toString('hex').slice(-16)}.tmp.parquet`,
  )
  try {
    const present = await columnNames(tables, request.from)
    const columns = chosenColumns(present, request)
    await makeFolder(request.out)
    const sql = selectSql(request, columns, present)
    await tables.query(
      `COPY (${sql}) TO ${quoteText(draft)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`,
    )
    const [count] = await tables.query<{ rows: number }>(
      `SELECT count(*) AS rows FROM read_parquet(${quoteText(draft)})`,
    )
    await rename(draft, request.out)
    return { rows: count?.rows ?? 0, columns }
  } finally {
    tables.close()
    await rm(draft, { force: true })
  }
}

/** The columns of data files, in file order. */
export async function columnNames(
  tables: Tables,
  from: string | readonly string[],
): Promise<string[]> {
  const rows = await tables.query<{ column_name: string }>(
    `DESCRIBE SELECT * FROM ${tableOf(from)}`,
  )
  return rows.map((row) => row.column_name)
}

function selectSql(
  request: SelectRequest,
  columns: readonly string[],
  present: readonly string[],
): string {
  const order = typeof request.orderBy === 'string' ? [request.orderBy] : (request.orderBy ?? [])
  for (const name of order) requireColumn(present, name, 'orderBy')
  const chosen = columns.map(quoteName).join(', ')
  const where = request.where === undefined ? '' : ` WHERE (${request.where}\n)`
  const from = `FROM ${tableOf(request.from)}`
  if (order.length === 0) return `SELECT ${chosen} ${from}${where}`
  // The engine's sort is not promised to be stable; the row number makes it so.
  const keys = [...order.map(quoteName), '"lockstep row"'].join(', ')
  return `SELECT ${chosen} FROM (SELECT *, row_number() OVER () AS "lockstep row" ${from}) ${where} ORDER BY ${keys}`
}

function chosenColumns(present: readonly string[], request: SelectRequest): readonly string[] {
  if (request.columns === undefined) return present
  if (request.columns.length === 0) {
    throw new LockstepError({
      code: 'tables.no_columns',
      kind: 'invalid',
      message: 'The selection has no columns; at least one is needed.',
      hint: 'Leave the columns out to keep all of them.',
    })
  }
  for (const name of request.columns) requireColumn(present, name, 'columns')
  return request.columns
}

function requireColumn(present: readonly string[], name: string, where: string): void {
  if (present.includes(name)) return
  throw new LockstepError({
    code: 'tables.column_missing',
    kind: 'invalid',
    message: `The data has no column ${name} (asked for in ${where}).`,
    hint: columnHint(name, present),
    details: { column: name, present },
  })
}

async function makeFolder(out: string): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true })
  } catch (error) {
    throw new LockstepError({
      code: 'tables.disk',
      kind: 'unavailable',
      message: `The folder ${dirname(out)} cannot be made: ${sentenceOf(error)}`,
      hint: 'Choose an output path in a folder that can be written.',
      cause: error,
    })
  }
}
