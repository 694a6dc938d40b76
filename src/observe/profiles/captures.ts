// Captures: recorded requests and answers, moved from the spool into Parquet files that DuckDB can count at any time.
// Segments are first moved into a batch folder; its name names the files written, so a crash repeats the batch, never its rows.
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quoteName, quoteText, type Tables } from '../../build/tables/duckdb.ts'
import type { Instant } from '../../foundation/clock.ts'
import { isLockstepError } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { ModelSignature } from '../../serve/protocol/tensor.ts'
import { ignoreMissing, rejectSegment, segmentNames } from '../ledger/spool.ts'
import {
  type CapturedRow,
  type CaptureLine,
  captureSchema,
  flattenCapture,
  parseCaptureLine,
  type ScorePlace,
} from './capture-line.ts'

export interface DrainCapturesRequest {
  /** `.lockstep/spool` */
  readonly spool: string
  /** `.lockstep/captures` */
  readonly captures: string
  /** Opened only when there is something to store. */
  readonly tables: () => Promise<Tables>
  /** The signature of a release, or undefined when it is not known (any more): its lines are then left out. */
  readonly signatureOf: (releaseId: string) => Promise<ModelSignature | undefined>
  readonly score?: ScorePlace
  readonly logger: Logger
}

export interface CaptureReport {
  readonly rows: number
  readonly files: number
  /** Lines that could not be read; the first reason is logged. */
  readonly skipped: number
}

/** Call it every few seconds, not for every segment: each call writes at least one file per environment, model and release. */
export async function drainCaptures(request: DrainCapturesRequest): Promise<CaptureReport> {
  const total = { rows: 0, files: 0, skipped: 0 }
  for (const name of await segmentNames(request.spool, /^\.stored-captures-batch-/)) {
    await rm(join(request.spool, name), { recursive: true, force: true })
  }
  const left = await segmentNames(request.spool, /^captures-batch-/)
  for (;;) {
    const batch = left.shift() ?? (await gatherBatch(request.spool))
    if (batch === undefined) return total
    const report = await storeOrReject(request, batch)
    total.rows += report.rows
    total.files += report.files
    total.skipped += report.skipped
  }
}

/** A batch is read whole, so it is kept small however long nobody came to drain the spool. */
const batchBytes = 64 * 1024 * 1024

async function gatherBatch(spool: string): Promise<string | undefined> {
  const names = await segmentNames(spool, /^capture-.*\.jsonl$/)
  const [first] = names
  if (first === undefined) return undefined
  const batch = `captures-batch-${first.slice('capture-'.length, -'.jsonl'.length)}`
  await mkdir(join(spool, batch), { recursive: true })
  let bytes = 0
  for (const name of names) {
    const size = await stat(join(spool, name)).catch(ignoreMissing)
    bytes += size?.size ?? 0
    if (bytes > batchBytes && name !== first) break
    await rename(join(spool, name), join(spool, batch, name)).catch(ignoreMissing)
  }
  return batch
}

/** What is wrong with the rows themselves would be wrong next time too; anything else (a full disk) is tried again. */
async function storeOrReject(request: DrainCapturesRequest, batch: string): Promise<CaptureReport> {
  try {
    return await storeBatch(request, batch)
  } catch (error) {
    if (!isLockstepError(error) || error.kind !== 'invalid') throw error
    await rejectSegment({ folder: request.spool, logger: request.logger }, batch, error.message)
    return { rows: 0, files: 0, skipped: 0 }
  }
}

interface Shelf {
  readonly folder: string
  readonly file: string
  readonly signature: ModelSignature
  readonly rows: CapturedRow[]
}

async function storeBatch(request: DrainCapturesRequest, batch: string): Promise<CaptureReport> {
  const folder = join(request.spool, batch)
  const shelves = new Map<string, Shelf>()
  let skipped = 0
  let because: string | undefined
  for (const name of (await readdir(folder)).sort()) {
    for (const text of (await readFile(join(folder, name), 'utf8')).split('\n')) {
      if (text.trim() === '') continue
      const problem = await shelve(request, batch, text, shelves)
      if (problem === undefined) continue
      skipped++
      because ??= `${name}: ${problem}`
    }
  }
  let rows = 0
  for (const shelf of shelves.values()) {
    await writeParquet(await request.tables(), shelf, join(folder, '.rows.ndjson'))
    rows += shelf.rows.length
  }
  if (because !== undefined) {
    request.logger.warn('capture lines were left out', { batch, skipped, because })
  }
  // Renamed at once: a folder deleted halfway would be stored again with fewer rows.
  const stored = join(request.spool, `.stored-${batch}`)
  await rename(folder, stored)
  await rm(stored, { recursive: true, force: true })
  return { rows, files: shelves.size, skipped }
}

async function shelve(
  request: DrainCapturesRequest,
  batch: string,
  text: string,
  shelves: Map<string, Shelf>,
): Promise<string | undefined> {
  const line = parseCaptureLine(text)
  if (isRefusal(line)) return line.because
  const shelf = await shelfFor(request, batch, line, shelves)
  if (shelf === undefined) return `the inputs of release ${line.releaseId} are not known`
  const rows = flattenCapture(line, shelf.signature, request.score)
  if (isRefusal(rows)) return rows.because
  for (const row of rows) shelf.rows.push(row)
  return undefined
}

async function shelfFor(
  { captures, signatureOf }: DrainCapturesRequest,
  batch: string,
  line: CaptureLine,
  shelves: Map<string, Shelf>,
): Promise<Shelf | undefined> {
  const hour = hourOf(line.at)
  const key = JSON.stringify([line.environment, line.model, line.releaseId, hour])
  const known = shelves.get(key)
  if (known) return known
  const signature = await signatureOf(line.releaseId)
  if (signature === undefined) return undefined
  const folder = captureFolder(captures, line)
  const sequence = fileSafe(batch.slice('captures-batch-'.length))
  const file = `${hour}-${sequence}-${fileSafe(line.releaseId)}.parquet`
  const shelf: Shelf = { folder, file, signature, rows: [] }
  shelves.set(key, shelf)
  return shelf
}

async function writeParquet(tables: Tables, shelf: Shelf, draft: string): Promise<void> {
  await mkdir(shelf.folder, { recursive: true })
  await writeFile(draft, shelf.rows.map((row) => JSON.stringify(row)).join('\n'))
  const columns = [...captureSchema(shelf.signature)]
    .map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`)
    .join(', ')
  const target = join(shelf.folder, shelf.file)
  const source = `read_json(${quoteText(draft)}, format = 'newline_delimited', columns = {${columns}})`
  await tables.query(
    `COPY (SELECT * FROM ${source} ORDER BY ${quoteName('at')}) TO ${quoteText(`${target}.tmp`)} (FORMAT parquet, COMPRESSION zstd)`,
  )
  await rename(`${target}.tmp`, target)
}

/** `captures/<environment>/<model>`; a model's name cannot lead out of the folder. */
export function captureFolder(
  captures: string,
  of: { readonly environment: string; readonly model: string },
): string {
  const safe = (name: string) => encodeURIComponent(name).replaceAll('.', '%2E')
  return join(captures, safe(of.environment), safe(of.model))
}

function fileSafe(name: string): string {
  return name.replaceAll(/[^\w.-]/g, '_')
}

/** `2026-01-05T09` (UTC): the start of a capture file's name. */
export function hourOf(at: Instant): string {
  return new Date(at).toISOString().slice(0, 13)
}

export interface PruneRequest {
  readonly captures: string
  readonly now: Instant
  /** Files of hours that ended longer ago than this are deleted. */
  readonly keepMs: number
  /** Then the oldest, until the folder is no larger. */
  readonly keepBytes: number
}

/** Returns how many files were deleted. */
export async function pruneCaptures(request: PruneRequest): Promise<number> {
  const files = await capturedFiles(request.captures)
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  let deleted = 0
  const oldestHour = hourOf(Math.max(0, request.now - request.keepMs))
  for (const file of files) {
    if (file.hour >= oldestHour && bytes <= request.keepBytes) continue
    await rm(file.path, { force: true })
    bytes -= file.bytes
    deleted++
  }
  return deleted
}

export interface CapturedFilesQuery {
  readonly captures: string
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly since: Instant
}

/** The capture files of one release that can hold rows since an instant: all of one schema. */
export async function captureFilesOf(query: CapturedFilesQuery): Promise<string[]> {
  const files = await capturedFiles(captureFolder(query.captures, query))
  const suffix = `-${fileSafe(query.releaseId)}.parquet`
  return files
    .filter(({ path, hour }) => path.endsWith(suffix) && hour >= hourOf(query.since))
    .map(({ path }) => path)
}

/** Oldest hour first. */
async function capturedFiles(folder: string) {
  const names = (await readdir(folder, { recursive: true }).catch(ignoreMissing)) ?? []
  const files: { path: string; hour: string; bytes: number }[] = []
  for (const name of names) {
    const found = /(\d{4}-\d\d-\d\dT\d\d)-[^/\\]*\.parquet$/.exec(name)
    const path = join(folder, name)
    const size = found?.[1] === undefined ? undefined : await stat(path).catch(ignoreMissing)
    if (found?.[1] !== undefined && size) files.push({ path, hour: found[1], bytes: size.size })
  }
  return files.sort((a, b) => (a.hour < b.hour ? -1 : a.hour > b.hour ? 1 : 0))
}
