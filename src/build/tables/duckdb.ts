// Tables: SQL over Parquet, CSV and JSON files through DuckDB, the only file that loads its native code (on first use).
// Rows keep the order of their file; values come back as plain JavaScript; every failure is a sentence.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api'
import { formatDuration } from '../../foundation/duration.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { systemClock } from '../../foundation/system-clock.ts'
import { plainValue } from './plain-value.ts'
import { tableError } from './table-errors.ts'
import { type FileKind, tableFiles } from './table-files.ts'

export type TableParam = string | number | boolean | null

export interface Tables {
  /** Rows as objects. Integers are numbers while exact (else bigint); dates and times are ISO text in UTC. */
  query<Row = Record<string, unknown>>(sql: string, params?: readonly TableParam[]): Promise<Row[]>
  /** Column-major, for bulk: `values[column][row]`; `types` are DuckDB's names (`DOUBLE`, `VARCHAR`). */
  columns(sql: string): Promise<TableColumns>
  close(): void
}

/** Tables that can also be asked what someone else wrote. */
export interface GuardedTables extends Tables {
  /** Throws unless `sql` is one SELECT statement. */
  requireSelect(sql: string): Promise<void>
  /** The same as `query`, stopped after `limitMs` with an error of kind `timeout`. */
  queryWithin<Row = Record<string, unknown>>(sql: string, limitMs: number): Promise<Row[]>
}

export interface TableColumns {
  names: string[]
  types: string[]
  values: unknown[][]
}

export interface TablesOptions {
  /** Default: one per core. With 1, sums of floating-point numbers are the same to the last bit on every call. */
  readonly threads?: number
  /** For example `512MB`; beyond it DuckDB spills to the machine's temporary folder, then fails with kind `limit`. */
  readonly memoryLimit?: string
  /** Where to spill; default a folder of its own below the machine's temporary folder. */
  readonly spillFolder?: string
}

let opened = 0

export async function openTables(options: TablesOptions = {}): Promise<GuardedTables> {
  const { DuckDBInstance } = await loadDuckDb()
  const settings: Record<string, string> = {
    // Nothing is fetched: what a query may use is what the package carries.
    autoinstall_known_extensions: 'false',
    // A folder of its own: two processes must not share spill files. DuckDB makes it when needed and removes it.
    temp_directory:
      options.spillFolder ?? join(tmpdir(), `lockstep-tables-${process.pid}-${++opened}`),
    preserve_insertion_order: 'true',
  }
  if (options.threads !== undefined) settings.threads = String(options.threads)
  if (options.memoryLimit !== undefined) settings.memory_limit = options.memoryLimit
  try {
    const instance = await DuckDBInstance.create(':memory:', settings)
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    return tablesOver(connection, () => instance.closeSync())
  } catch (error) {
    throw tableError(error, 'opening the table engine')
  }
}

function tablesOver(connection: DuckDBConnection, closeInstance: () => void): GuardedTables {
  let closed = false
  const run = async <T>(
    sql: string,
    params: readonly TableParam[] | undefined,
    read: (result: DuckDBResult) => Promise<T>,
  ): Promise<T> => {
    if (closed) {
      throw new LockstepError({
        code: 'tables.closed',
        kind: 'internal',
        message: 'The tables were closed before this query.',
      })
    }
    try {
      return await read(await connection.run(sql, params ? [...params] : undefined))
    } catch (error) {
      throw tableError(error, sql)
    }
  }
  const query = <Row>(sql: string, params?: readonly TableParam[]) =>
    run(sql, params, async (result) => rowsOf(await readColumns(result)) as Row[])
  return {
    query,
    columns: (sql) => run(sql, undefined, readColumns),
    requireSelect: (sql) => requireSelect(connection, sql),
    async queryWithin<Row>(sql: string, limitMs: number) {
      const done = new AbortController()
      let late = false
      void systemClock.sleep(limitMs, done.signal).then(() => {
        if (done.signal.aborted) return
        late = true
        connection.interrupt()
      })
      try {
        return await query<Row>(sql)
      } catch (error) {
        throw late ? tooLong(sql, limitMs) : error
      } finally {
        done.abort()
      }
    },
    close: () => {
      if (closed) return
      closed = true
      connection.closeSync()
      closeInstance()
    },
  }
}

/** StatementType.SELECT of the engine's C interface. */
const selectStatement = 1

async function requireSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql).catch((error) => {
    throw tableError(error, sql)
  })
  if (statements.count !== 1) throw notOneSelect(`it has ${statements.count} statements`)
  // What writes may fail to prepare for another reason; it is refused for what it is.
  if (!/^(\s|--.*\n|\/\*[\s\S]*?\*\/|\()*(select|with|from|values)\b/i.test(sql))
    throw notOneSelect('it does more than read')
  const prepared = await statements.prepare(0).catch((error) => {
    throw tableError(error, sql)
  })
  const { statementType } = prepared
  prepared.destroySync()
  if (Number(statementType) !== selectStatement) throw notOneSelect('it does more than read')
}

function notOneSelect(seen: string): LockstepError {
  return new LockstepError({
    code: 'tables.not_a_select',
    kind: 'invalid',
    message: `The SQL must be one SELECT statement, and ${seen}.`,
    hint: 'Write SELECT … FROM this; the table is called this.',
  })
}

function tooLong(sql: string, limitMs: number): LockstepError {
  return new LockstepError({
    code: 'tables.timeout',
    kind: 'timeout',
    message: `The query on the data was stopped after ${formatDuration(limitMs)}.`,
    hint: 'Make it cheaper, or give it more time with the option timeout.',
    details: { query: sql },
  })
}

async function readColumns(result: DuckDBResult): Promise<TableColumns> {
  const names = result.deduplicatedColumnNames()
  const types = result.columnTypes().map(String)
  const values: unknown[][] = names.map(() => [])
  for (;;) {
    const chunk = await result.fetchChunk()
    if (!chunk || chunk.rowCount === 0) break
    for (const [index, column] of values.entries()) {
      const vector = chunk.getColumnVector(index)
      for (let row = 0; row < chunk.rowCount; row++) {
        const value = vector.getItem(row)
        column.push(
          typeof value === 'number' || typeof value === 'string' ? value : plainValue(value),
        )
      }
    }
  }
  return { names, types, values }
}

function rowsOf({ names, values }: TableColumns): Record<string, unknown>[] {
  const count = values[0]?.length ?? 0
  const rows: Record<string, unknown>[] = []
  for (let row = 0; row < count; row++) {
    const entry: Record<string, unknown> = {}
    for (const [index, name] of names.entries()) entry[name] = values[index]?.[row]
    rows.push(entry)
  }
  return rows
}

/**
 * The `FROM` expression for files of one kind, chosen by extension. A folder stands for all data files in it, by path;
 * patterns such as `*.parquet` are allowed.
 */
export function tableOf(paths: string | readonly string[]): string {
  const { kind, files } = tableFiles(typeof paths === 'string' ? [paths] : paths)
  return relationOf(kind, files)
}

/** Names and types that are known already, so that the files are not read to find them. */
export interface KnownTypes {
  readonly [column: string]: string
}

export function relationOf(kind: FileKind, files: readonly string[], known?: KnownTypes): string {
  const { call, options, typed } = readers[kind]
  const types = Object.entries(known ?? {}).map(
    ([name, type]) => `${quoteText(name)}: ${quoteText(type)}`,
  )
  const looked = known === undefined ? 'sample_size = -1' : `${typed} = {${types.join(', ')}}`
  const sniffing = kind === 'parquet' ? '' : `, ${types.length === 0 ? 'sample_size = -1' : looked}`
  return `${call}([${files.map(quoteText).join(', ')}]${options}${sniffing})`
}

// A column's type is settled by all rows, not by luck of the first ones. CSV is RFC 4180 with a header: left to guess,
// DuckDB takes another delimiter or skips lines until the rest looks like a table, and rows vanish silently.
const csv = `header = true, skip = 0, quote = '"', escape = '"', comment = ''`
const readers: Record<
  FileKind,
  { readonly call: string; readonly options: string; readonly typed: string }
> = {
  // The least and greatest value that a Parquet file states of a column leave NaN out (its format asks for that): the engine would
  // conclude that `x <= 1000` holds everywhere without reading x.
  parquet: { call: 'read_parquet', options: ', can_have_nan = true', typed: '' },
  csv: { call: 'read_csv', options: `, ${csv}, delim = ','`, typed: 'types' },
  tsv: { call: 'read_csv', options: `, ${csv}, delim = '\t'`, typed: 'types' },
  json: { call: 'read_json', options: '', typed: 'columns' },
}

/** A column or table name as SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text literal as SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

async function loadDuckDb(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api')
  } catch (error) {
    throw new LockstepError({
      code: 'tables.engine_missing',
      kind: 'unavailable',
      message: `The table engine DuckDB cannot be loaded on ${process.platform}-${process.arch}: ${sentenceOf(error).split('\n')[0]}`,
      hint: 'Run npm install again on this machine; DuckDB has builds for Linux, macOS and Windows on x64 and arm64.',
      cause: error,
    })
  }
}
