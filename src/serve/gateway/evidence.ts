// What the live traffic showed, as counts that add up: per arm, release, split and minute.
//
// A request is counted once, when its answer is known:
//   errors        the model's fault: it raised (500), its process died twice under the request (500), no answer before
//                 the deadline (504)
//   clientErrors  the caller's fault: 4xx from the replica
//   unavailable   nobody's answer: no replica was there, or a queue was full (503)
//   else          a 200
// The latency histogram holds the 200s and the errors.
import type { Instant } from '../../foundation/clock.ts'
import { latencyBucket, latencyBucketCount } from './latency-buckets.ts'

/** `pinned` requests named their release in the path: they are no part of the random split. */
export type EvidenceArm = 'stable' | 'candidate' | 'mirror' | 'pinned'

export type Outcome = 'ok' | 'error' | 'client_error' | 'unavailable'

export interface EvidenceSubject {
  readonly environment: string
  readonly model: string
  readonly rolloutId: string | null
  readonly candidateBp: number
  readonly arm: EvidenceArm
  readonly releaseId: string
}

/** One line of an evidence segment. Times are epoch milliseconds, null when it did not happen. */
export interface EvidenceCount extends EvidenceSubject {
  /** Start of the minute. */
  readonly minute: Instant
  readonly requests: number
  readonly errors: number
  readonly clientErrors: number
  readonly unavailable: number
  readonly rows: number
  readonly sumMs: number
  readonly maxMs: number
  /** Pairs of bucket (index into latencyEdgesMs, one more for beyond) and count. */
  readonly latency: readonly (readonly [number, number])[]
  readonly firstErrorAt: Instant | null
  readonly lastErrorAt: Instant | null
  /** First and last answer of the release that reached this gateway, whatever its status. */
  readonly firstAnswerAt: Instant | null
  readonly lastAnswerAt: Instant | null
}

/** Adding a segment twice is prevented by its file name: `evidence-<bootId>-<seq>.json`. */
export interface EvidenceSegment {
  readonly format: 'lockstep.evidence/1'
  readonly workerId: string
  readonly bootId: string
  readonly seq: number
  readonly writtenAt: Instant
  readonly epoch: number
  readonly counts: readonly EvidenceCount[]
  /** Lost since the last segment: captured rows, mirrored requests, whole evidence cells. */
  readonly dropped: { readonly capture: number; readonly mirror: number; readonly evidence: number }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A count while it grows. */
export interface EvidenceCell extends Mutable<Omit<EvidenceCount, 'latency'>> {
  readonly buckets: Uint32Array
  /** False once it was taken for a segment. */
  open: boolean
}

/** Where one arm of one route counts; remembers its cell of the current minute. */
export interface EvidenceSlot extends EvidenceSubject {
  cell: EvidenceCell | undefined
}

export interface Seen {
  readonly outcome: Outcome
  readonly at: Instant
  readonly elapsedMs: number
  readonly rows: number
  /** Whether a replica answered at all. */
  readonly answered: boolean
}

const minuteMs = 60_000

/** Cells kept while the spool cannot be written: a day of a rollout in a few environments. */
const maxCells = 10_000

export class EvidenceCounter {
  #cells = new Map<string, EvidenceCell>()
  #dropped = 0

  record(slot: EvidenceSlot, seen: Seen): void {
    const minute = seen.at - (seen.at % minuteMs)
    let cell = slot.cell
    if (cell === undefined || !cell.open || cell.minute !== minute) {
      cell = this.#cellOf(slot, minute)
      slot.cell = cell
    }
    addSeen(cell, seen)
  }

  get isEmpty(): boolean {
    return this.#cells.size === 0 && this.#dropped === 0
  }

  /** Hands over everything counted so far and starts from zero. */
  take(): { readonly cells: readonly EvidenceCell[]; readonly dropped: number } {
    const taken = { cells: [...this.#cells.values()], dropped: this.#dropped }
    for (const cell of taken.cells) cell.open = false
    this.#cells = new Map()
    this.#dropped = 0
    return taken
  }

  /** Puts back what could not be written; it is added to what was counted meanwhile. */
  restore(taken: { readonly cells: readonly EvidenceCell[]; readonly dropped: number }): void {
    this.#dropped += taken.dropped
    for (const cell of taken.cells) addCell(this.#cellOf(cell, cell.minute), cell)
  }

  #cellOf(subject: EvidenceSubject, minute: Instant): EvidenceCell {
    const { environment, model, rolloutId, candidateBp, arm, releaseId } = subject
    const key = `${environment}\u0000${model}\u0000${rolloutId}\u0000${candidateBp}\u0000${arm}\u0000${releaseId}\u0000${minute}`
    const found = this.#cells.get(key)
    if (found !== undefined) return found
    if (this.#cells.size >= maxCells) this.#dropOldest()
    const cell = emptyCell(subject, minute)
    this.#cells.set(key, cell)
    return cell
  }

  #dropOldest(): void {
    for (const [key, cell] of this.#cells) {
      cell.open = false
      this.#cells.delete(key)
      this.#dropped++
      return
    }
  }
}

function emptyCell(subject: EvidenceSubject, minute: Instant): EvidenceCell {
  const { environment, model, rolloutId, candidateBp, arm, releaseId } = subject
  return {
    ...{ environment, model, rolloutId, candidateBp, arm, releaseId, minute },
    requests: 0,
    errors: 0,
    clientErrors: 0,
    unavailable: 0,
    rows: 0,
    sumMs: 0,
    maxMs: 0,
    firstErrorAt: null,
    lastErrorAt: null,
    firstAnswerAt: null,
    lastAnswerAt: null,
    buckets: new Uint32Array(latencyBucketCount),
    open: true,
  }
}

function addSeen(cell: EvidenceCell, { outcome, at, elapsedMs, rows, answered }: Seen): void {
  cell.requests++
  if (answered) {
    cell.firstAnswerAt ??= at
    cell.lastAnswerAt = at
  }
  if (outcome === 'unavailable') cell.unavailable++
  else if (outcome === 'client_error') cell.clientErrors++
  else {
    if (outcome === 'error') {
      cell.errors++
      cell.firstErrorAt ??= at
      cell.lastErrorAt = at
    } else cell.rows += rows
    cell.sumMs += elapsedMs
    if (elapsedMs > cell.maxMs) cell.maxMs = elapsedMs
    const bucket = latencyBucket(elapsedMs)
    cell.buckets[bucket] = (cell.buckets[bucket] ?? 0) + 1
  }
}

function addCell(into: EvidenceCell, from: EvidenceCell): void {
  into.requests += from.requests
  into.errors += from.errors
  into.clientErrors += from.clientErrors
  into.unavailable += from.unavailable
  into.rows += from.rows
  into.sumMs += from.sumMs
  into.maxMs = Math.max(into.maxMs, from.maxMs)
  into.firstErrorAt = earliest(into.firstErrorAt, from.firstErrorAt)
  into.firstAnswerAt = earliest(into.firstAnswerAt, from.firstAnswerAt)
  into.lastErrorAt = latest(into.lastErrorAt, from.lastErrorAt)
  into.lastAnswerAt = latest(into.lastAnswerAt, from.lastAnswerAt)
  for (const [bucket, count] of from.buckets.entries()) {
    if (count > 0) into.buckets[bucket] = (into.buckets[bucket] ?? 0) + count
  }
}

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}

/** The form that is written to a segment. */
export function countOf(cell: EvidenceCell): EvidenceCount {
  const { buckets, open: _open, ...plain } = cell
  const latency: [number, number][] = []
  for (const [bucket, count] of buckets.entries()) if (count > 0) latency.push([bucket, count])
  return { ...plain, sumMs: round(plain.sumMs), maxMs: round(plain.maxMs), latency }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}
