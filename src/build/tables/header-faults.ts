// What is wrong with the first line of a text file, or the columns of a Parquet file: faults the engine would repair
// silently, so that a check would be answered about another column than the one it names.
import { LockstepError } from '../../foundation/errors.ts'
import { quoteName, quoteText, type Tables } from './duckdb.ts'
import type { FileKind } from './table-files.ts'

/** Two columns of one name, or lines cut at the wrong mark; undefined when the columns can be told apart. */
export async function faultOfHeader(
  tables: Tables,
  kind: FileKind,
  file: string,
): Promise<LockstepError | undefined> {
  const names = await namesAsWritten(tables, kind, file)
  const twice = names.find((name, at) => names.slice(0, at).some((other) => same(other, name)))
  if (twice !== undefined) {
    const first = names.find((name) => same(name, twice)) ?? twice
    return fault(
      file,
      first === twice
        ? `it names the column ${twice} twice`
        : `its columns ${first} and ${twice} differ only in upper and lower case`,
      'Give every column a name of its own.',
    )
  }
  const [only = ''] = names
  const mark = names.length === 1 ? /[;|\t,]/.exec(only)?.[0] : undefined
  if (mark === undefined || kind === 'parquet' || kind === 'json') return undefined
  const shown = mark === '\t' ? 'a tabulator' : mark
  return fault(
    file,
    `its header "${only.slice(0, 80)}" is one column with ${shown} in it`,
    kind === 'csv' && mark === '\t'
      ? 'Name the file .tsv, or separate the values by commas.'
      : `Separate the values by ${kind === 'csv' ? 'commas' : 'tabulators'}.`,
  )
}

/** Where the lines of a text file stop having as many fields as the header; undefined when they never do. */
export async function faultOfLines(tables: Tables, kind: FileKind, file: string): Promise<unknown> {
  if (kind !== 'csv' && kind !== 'tsv') return undefined
  const names = await namesAsWritten(tables, kind, file)
  if (names.length === 0) return undefined
  const columns = names.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ')
  const delimiter = kind === 'csv' ? ',' : '\t'
  const read = `read_csv(${quoteText(file)}, header = true, skip = 0, quote = '"', escape = '"', comment = '', delim = '${delimiter}', auto_detect = false, columns = {${columns}})`
  const all = names.map((name) => `count(${quoteName(name)})`).join(', ')
  return tables.query(`SELECT ${all} FROM ${read}`).then(
    () => undefined,
    (error: unknown) => error,
  )
}

async function namesAsWritten(
  tables: Tables,
  kind: FileKind,
  file: string,
): Promise<readonly string[]> {
  if (kind === 'json') return []
  if (kind === 'parquet') return topLevelNames(tables, file)
  // The first line as one text: the engine's own reading would make names unique and guess what it cannot split.
  const sql = `FROM read_csv(${quoteText(file)}, header = false, auto_detect = false, delim = chr(1), quote = '', escape = '', columns = {'line': 'VARCHAR'}, hive_partitioning = false) LIMIT 1`
  // What cannot be read at all is told by the reading itself, with its line.
  const [row] = await tables.query<{ line: string | null }>(sql).catch(() => [])
  return splitHeader((row?.line ?? '').replace(/^\uFEFF/, ''), kind === 'csv' ? ',' : '\t')
}

/** RFC 4180: a field in quotes may hold the delimiter, and quotes written twice. */
function splitHeader(line: string, delimiter: string): readonly string[] {
  const names: string[] = []
  let at = 0
  while (at <= line.length && line !== '') {
    const rest = line.slice(at)
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
    const end = rest.indexOf(delimiter, quoted?.[0].length ?? 0)
    const field = end < 0 ? rest : rest.slice(0, end)
    names.push(quoted === null ? field : (quoted[1] ?? '').replaceAll('""', '"'))
    if (end < 0) break
    at += end + 1
  }
  return names
}

/** A schema is a tree written depth first; the columns are the children of its root. */
async function topLevelNames(tables: Tables, file: string): Promise<readonly string[]> {
  const nodes = await tables.query<{ name: string; num_children: number | null }>(
    `SELECT name, num_children FROM parquet_schema(${quoteText(file)})`,
  )
  const names: string[] = []
  let at = 1
  const skip = (): void => {
    const children = Number(nodes[at]?.num_children ?? 0)
    at++
    for (let child = 0; child < children; child++) skip()
  }
  while (at < nodes.length) {
    names.push(nodes[at]?.name ?? '')
    skip()
  }
  return names
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function fault(file: string, seen: string, hint: string): LockstepError {
  return new LockstepError({
    code: 'tables.header',
    kind: 'invalid',
    message: `The data file ${file} cannot be checked: ${seen}.`,
    hint,
  })
}
