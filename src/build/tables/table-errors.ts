// DuckDB's failures as Lockstep's: which file or query, what was seen, what to do next.
import { isLockstepError, LockstepError, sentenceOf } from '../../foundation/errors.ts'

/** `doing` is the SQL (or the activity) that failed; it goes into the details. */
export function tableError(error: unknown, doing: string): LockstepError {
  if (isLockstepError(error)) return error
  const full = sentenceOf(error)
  // DuckDB repeats the query under `LINE 1:`; the file or column it names stands before.
  const text = (full.split('\n\nLINE ')[0] ?? full).trim()
  const details = { query: doing, engine: full }
  for (const known of knownFailures) {
    const match = known.pattern.exec(text)
    if (match) return new LockstepError({ ...known.parts(match, text), details, cause: error })
  }
  return new LockstepError({
    code: 'tables.query_failed',
    kind: 'invalid',
    message: `The query on the data cannot run: ${text}`,
    hint: 'Correct the condition, column names or file; the full query is in the details.',
    details,
    cause: error,
  })
}

interface FailureParts {
  readonly code: string
  readonly kind: LockstepError['kind']
  readonly message: string
  readonly hint: string
}

interface KnownFailure {
  readonly pattern: RegExp
  readonly parts: (match: RegExpExecArray, text: string) => FailureParts
}

const unreadable = (path: string, seen: string, format: string): FailureParts => ({
  code: 'tables.file_unreadable',
  kind: 'invalid',
  message: `The data file ${path} cannot be read: ${seen} (is it a ${format} file?).`,
  hint: `Write the file again or correct its extension; ${format} is expected because of its name.`,
})

const knownFailures: readonly KnownFailure[] = [
  {
    pattern: /No files found that match the pattern "(.*?)"/,
    parts: ([, path = '']) => ({
      code: 'tables.file_missing',
      kind: 'not_found',
      message: `The data file ${path} does not exist.`,
      hint: 'Check the path (relative paths start at the current folder) and that the step that writes it has run.',
    }),
  },
  {
    pattern: /File '(.*?)' too small to be a Parquet file/,
    parts: ([, path = '']) => unreadable(path, 'it is too small', 'Parquet'),
  },
  {
    pattern: /No magic bytes found at end of file '(.*?)'/,
    parts: ([, path = '']) => unreadable(path, 'its end is missing', 'Parquet'),
  },
  {
    pattern: /Malformed JSON in file "(.*?)", (at byte [^.]*?[^.]*)/,
    parts: ([, path = '', where = '']) =>
      unreadable(path, `malformed ${where.trim().replace(/\.$/, '')}`, 'JSON'),
  },
  {
    pattern: /Input is not a GZIP stream: (.*)/,
    parts: ([, path = '']) => unreadable(path, 'it is not compressed', 'gzip'),
  },
  {
    pattern: /Error when sniffing file "(.*?)"/,
    parts: ([, path = '']) =>
      unreadable(path, 'its lines do not have the same number of fields', 'CSV'),
  },
  {
    pattern: /CSV Error on Line: (\d+)\n(?:Original Line: .*?\n)?(.*?)\n.*?file = (.*?)\n/s,
    parts: ([, line = '', seen = '', path = '']) =>
      unreadable(path, `line ${line}: ${firstLine(seen)}`, 'CSV'),
  },
  {
    pattern:
      /^IO Error: (.*(?:No space left|Disk quota|Read-only file system|Permission denied).*)/s,
    parts: ([, seen = '']) => ({
      code: 'tables.disk',
      kind: 'unavailable',
      message: `The disk refused: ${firstLine(seen)}`,
      hint: 'Free space on the disk or choose a folder that can be written, then try again.',
    }),
  },
  {
    pattern: /^IO Error: (Cannot open file "(.*?)".*)/s,
    parts: ([, seen = '', path = '']) => ({
      code: 'tables.file_unreadable',
      kind: 'invalid',
      message: `The file ${path} cannot be opened: ${firstLine(seen).replace(/^.*": /, '')}`,
      hint: 'Check that its folder exists and may be read and written by this user.',
    }),
  },
  {
    pattern:
      /^(?:Invalid Input|IO|Internal|Invalid) Error: .*(?:[Pp]arquet|TProtocol|Snappy|ZSTD|Thrift)/s,
    parts: (_, text) => ({
      code: 'tables.file_unreadable',
      kind: 'invalid',
      message: `The data file cannot be read: ${firstLine(text)}`,
      hint: 'Write the Parquet file again; its content is damaged or of another kind.',
    }),
  },
  {
    pattern: /^Out of Memory Error: (.*)/s,
    parts: ([, seen = '']) => ({
      code: 'tables.out_of_memory',
      kind: 'limit',
      message: `The query needs more memory than allowed: ${firstLine(seen)}`,
      hint: 'Give the process more memory, use fewer columns, or select fewer rows.',
    }),
  },
  {
    pattern: /Referenced column "(.*?)" not found/,
    parts: ([, column = ''], text) => ({
      code: 'tables.column_missing',
      kind: 'invalid',
      message: `The data has no column ${column}.`,
      hint: `Columns with a similar name: ${/Candidate bindings: (.*)/.exec(text)?.[1] ?? 'none'}.`,
    }),
  },
]

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim().replace(/\.$/, '')
}
