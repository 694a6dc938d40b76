// Which files make a table, and of which kind they are: by extension, never by guessing at the content.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LockstepError } from '../../foundation/errors.ts'

export type FileKind = 'parquet' | 'csv' | 'tsv' | 'json'

/** Folders are replaced by the data files in them and below, in the order of their paths; hidden and other files are left out. */
export function tableFiles(paths: readonly string[]): { kind: FileKind; files: string[] } {
  const files = paths.flatMap((path) => (isFolder(path) ? filesIn(path) : [path]))
  const kinds = new Set(files.map(requiredKind))
  const [kind] = kinds
  if (kind && kinds.size === 1) return { kind, files }
  throw new LockstepError({
    code: 'tables.mixed_files',
    kind: 'invalid',
    message: kind
      ? `The data files ${files.join(', ')} are of different kinds; one table is read from files of one kind.`
      : 'No data file was given.',
    hint: 'Name at least one Parquet, CSV or JSON file, all with the same extension.',
  })
}

function kindOf(path: string): FileKind | undefined {
  const name = path.toLowerCase()
  if (/\.(parquet|pq)$/.test(name)) return 'parquet'
  if (/\.csv(\.gz|\.zst)?$/.test(name)) return 'csv'
  if (/\.tsv(\.gz|\.zst)?$/.test(name)) return 'tsv'
  if (/\.(json|jsonl|ndjson)(\.gz|\.zst)?$/.test(name)) return 'json'
  return undefined
}

function requiredKind(path: string): FileKind {
  const kind = kindOf(path)
  if (kind) return kind
  throw new LockstepError({
    code: 'tables.unknown_kind',
    kind: 'invalid',
    message: `The data file ${path} is of no known kind; Parquet, CSV and JSON files can be read.`,
    hint: 'Rename it to end in .parquet, .csv, .tsv, .json, .jsonl or .ndjson (CSV and JSON also with .gz or .zst).',
    details: { path },
  })
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // A missing or forbidden path, or a pattern: reading it gives the right sentence.
    return false
  }
}

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => kindOf(name) && !/(^|[/\\])\./.test(name))
    .map((name) => join(folder, name))
    .filter((path) => !isFolder(path))
    .sort()
  if (files.length > 0) return files
  throw new LockstepError({
    code: 'tables.empty_folder',
    kind: 'not_found',
    message: `The data folder ${folder} has no Parquet, CSV or JSON file.`,
    hint: 'Put the data files into it, or correct the path.',
    details: { folder },
  })
}
