// One table to be asked many things, some of them written by others: the view `this` over its files, in an engine that
// can read these files and nothing else, and write nothing.
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { LockstepError } from '../../foundation/errors.ts'
import { type GuardedTables, openTables, quoteName, quoteText, relationOf } from './duckdb.ts'
import { faultOfHeader, faultOfLines } from './header-faults.ts'
import { type FileKind, tableFiles } from './table-files.ts'

export interface TableColumn {
  readonly name: string
  /** DuckDB's name of its type. */
  readonly type: string
}

export interface TableSource {
  readonly tables: GuardedTables
  /** In the order of the file. Those of a text file hold for its first rows until `settleTypes`. */
  readonly columns: readonly TableColumn[]
  /** Text files know their types only after a look at the values. */
  readonly isText: boolean
  /** Text that `keepForPasses` has made cheap to read again. */
  readonly isKept: boolean
  /** The types of a text file by all its rows; true when they differ from those of the first rows. */
  settleTypes(): Promise<boolean>
  /** Text is read once more and kept as Parquet in the scratch folder: what is asked afterwards is cheap. */
  keepForPasses(): Promise<void>
  close(): Promise<void>
}

export interface SourceOptions {
  readonly threads?: number
  /** Default 512MB; beyond it DuckDB spills to the scratch folder. */
  readonly memoryLimit?: string
  /** Other tables a query may name. */
  readonly others?: Readonly<Record<string, readonly string[]>>
  /** Below which scratch files are made; default the machine's temporary folder. */
  readonly scratch?: string
}

/** Rows of a text file from which its types are guessed first. A value that does not fit them later is never lost: see `settleTypes`. */
const firstRows = 20_480

export async function openTableSource(
  paths: string | readonly string[],
  { threads, memoryLimit = '512MB', others = {}, scratch = tmpdir() }: SourceOptions = {},
): Promise<TableSource> {
  const spillFolder = await mkdtemp(join(scratch, 'lockstep-table-'))
  const tables = await openTables({
    memoryLimit,
    spillFolder,
    ...(threads === undefined ? {} : { threads }),
  })
  const close = async () => {
    tables.close()
    await rm(spillFolder, { recursive: true, force: true })
  }
  try {
    const own = await openFiles(tables, typeof paths === 'string' ? [paths] : paths)
    let columns = await viewOf(tables, 'this', own)
    let isKept = false
    const readable = [...own.files]
    for (const [name, otherPaths] of Object.entries(others)) {
      if (name === 'this') continue
      const other = await openFiles(tables, otherPaths)
      readable.push(...other.files)
      await tables.query(
        `CREATE VIEW ${quoteName(name)} AS FROM ${relationOf(other.kind, other.files)}`,
      )
    }
    await lock(tables, readable, spillFolder)
    return {
      tables,
      isText: own.kind !== 'parquet',
      get columns() {
        return columns
      },
      get isKept() {
        return isKept
      },
      async settleTypes() {
        const settled = await describe(tables, relationOf(own.kind, own.files))
        const same = JSON.stringify(settled) === JSON.stringify(columns)
        columns = settled
        await showAs(tables, 'this', relationOf(own.kind, own.files, typesOf(own, columns)))
        return !same
      },
      async keepForPasses() {
        const kept = quoteText(join(spillFolder, 'this.parquet'))
        await tables.query(
          `COPY (FROM this) TO ${kept} (FORMAT parquet, COMPRESSION snappy, USE_TMP_FILE false)`,
        )
        await showAs(
          tables,
          'this',
          `read_parquet(${kept}, hive_partitioning = false, can_have_nan = true)`,
        )
        isKept = true
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface SourceFiles {
  readonly kind: FileKind
  readonly files: readonly string[]
}

/** Absolute paths, patterns replaced by what they match. */
async function openFiles(tables: GuardedTables, paths: readonly string[]): Promise<SourceFiles> {
  const { kind, files } = tableFiles(paths.map((path) => resolve(path)))
  const found: string[] = []
  for (const file of files) found.push(...(await filesAt(tables, file)))
  for (const file of found) {
    const { size } = await stat(file)
    if (size === 0) throw emptyFile(file)
  }
  return { kind, files: found }
}

async function filesAt(tables: GuardedTables, path: string): Promise<readonly string[]> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  )
  if (isThere) return [path]
  const rows = await tables.query<{ file: string }>(
    `SELECT file FROM glob(${quoteText(path)}) ORDER BY file`,
  )
  if (rows.length > 0) return rows.map(({ file }) => file)
  throw new LockstepError({
    code: 'tables.file_missing',
    kind: 'not_found',
    message: `The data file ${path} does not exist.`,
    hint: 'Check the path (relative paths start at the current folder) and that the step that writes it has run.',
  })
}

async function viewOf(
  tables: GuardedTables,
  name: string,
  source: SourceFiles,
): Promise<readonly TableColumn[]> {
  const fault = await faultOfHeader(tables, source.kind, source.files[0] ?? '')
  if (fault !== undefined) throw fault
  const relation = relationOf(source.kind, source.files)
  const columns = await firstColumns(tables, source, relation).catch(async (error: unknown) => {
    throw (await faultOfLines(tables, source.kind, source.files[0] ?? '')) ?? error
  })
  await showAs(tables, name, relationOf(source.kind, source.files, typesOf(source, columns)))
  return columns
}

/** By the first rows where they say anything about every column; else by all rows. */
async function firstColumns(
  tables: GuardedTables,
  { kind, files }: SourceFiles,
  relation: string,
): Promise<readonly TableColumn[]> {
  if (kind !== 'csv' && kind !== 'tsv') return describe(tables, relation)
  const quick = relation.replace('sample_size = -1', `sample_size = ${firstRows}`)
  const columns = await describe(tables, quick)
  const texts = columns.filter(({ type }) => type === 'VARCHAR')
  if (texts.length === 0) return columns
  const seen = texts.map(({ name }, at) => `count(${quoteName(name)}) AS a${at}`).join(', ')
  const [first] = files
  const one = quick.replace(/^(read_csv\()\[.*?\](?=, header)/s, `$1[${quoteText(first ?? '')}]`)
  const [row = {}] = await tables.query(
    `SELECT ${seen} FROM (SELECT ${texts.map(({ name }) => quoteName(name)).join(', ')} FROM ${one} LIMIT ${firstRows / 2})`,
  )
  return Object.values(row).some((count) => Number(count) === 0)
    ? describe(tables, relation)
    : columns
}

async function describe(tables: GuardedTables, relation: string): Promise<readonly TableColumn[]> {
  const rows = await tables.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${relation}`,
  )
  return rows.map((row) => ({ name: row.column_name, type: row.column_type }))
}

/** Columns that come from the path (`region=north/…`) are not in the file and keep the type the engine gives them. */
function typesOf(
  { kind, files }: SourceFiles,
  columns: readonly TableColumn[],
): Record<string, string> {
  if (kind === 'parquet') return {}
  const inPath = (name: string) => files.some((file) => file.includes(`/${name}=`))
  return Object.fromEntries(
    columns.filter(({ name }) => !inPath(name)).map(({ name, type }) => [name, type]),
  )
}

async function showAs(tables: GuardedTables, name: string, relation: string): Promise<void> {
  await tables.query(`CREATE OR REPLACE VIEW ${quoteName(name)} AS FROM ${relation}`)
}

/** From here on the engine reads the given files and its scratch folder, and its settings stay as they are. */
async function lock(
  tables: GuardedTables,
  files: readonly string[],
  spillFolder: string,
): Promise<void> {
  await tables.query(`SET allowed_paths = [${files.map(quoteText).join(', ')}]`)
  await tables.query(`SET allowed_directories = [${quoteText(`${spillFolder}/`)}]`)
  await tables.query('SET enable_external_access = false')
  await tables.query('SET lock_configuration = true')
}

function emptyFile(path: string): LockstepError {
  return new LockstepError({
    code: 'tables.file_empty',
    kind: 'invalid',
    message: `The data file ${path} is empty: it has not even a header.`,
    hint: 'Run the step that writes it again.',
  })
}
