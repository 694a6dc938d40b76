// Evidence of live traffic: counts per minute, release and arm. Counts only ever add, so order and batching of segments never matter.
import type { Instant } from '../../foundation/clock.ts'

export type Arm = 'stable' | 'candidate' | 'shadow'

/** The key is environment, model, rolloutId, candidateBp, arm, releaseId and minute; everything else adds up. */
export interface EvidenceRow {
  readonly environment: string
  readonly model: string
  /** Empty outside a rollout. */
  readonly rolloutId: string
  /** The candidate's share when the requests were assigned: a period of constant share is one piece of evidence. */
  readonly candidateBp: number
  readonly arm: Arm
  readonly releaseId: string
  /** Start of the minute. */
  readonly minute: Instant
  readonly requests: number
  /** Answers that are the model's or the replica's fault (5xx, timeouts, invalid outputs). */
  readonly errors: number
  /** Requests that were themselves wrong (4xx). */
  readonly clientErrors: number
  /** Rows predicted; a request may carry many. */
  readonly rows: number
  /** Requests per latency bucket; the key is the bucket's upper end in milliseconds, `+Inf` for the last. */
  readonly latencyHistogram: Readonly<Record<string, number>>
  readonly firstErrorAt: Instant | null
  readonly lastErrorAt: Instant | null
  readonly firstAnswerAt: Instant | null
  readonly lastAnswerAt: Instant | null
}

export function evidenceKey(row: EvidenceRow): string {
  const { environment, model, rolloutId, candidateBp, arm, releaseId, minute } = row
  return JSON.stringify([environment, model, rolloutId, candidateBp, arm, releaseId, minute])
}

/** Rows with equal keys become one. Associative and commutative. */
export function mergeEvidence(
  rows: readonly EvidenceRow[],
  segment: readonly EvidenceRow[],
): EvidenceRow[] {
  const merged = new Map<string, EvidenceRow>()
  for (const row of [...rows, ...segment]) {
    const key = evidenceKey(row)
    const before = merged.get(key)
    merged.set(key, before ? addRows(before, row) : row)
  }
  return [...merged.values()]
}

export function addRows(a: EvidenceRow, b: EvidenceRow): EvidenceRow {
  return {
    ...a,
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    clientErrors: a.clientErrors + b.clientErrors,
    rows: a.rows + b.rows,
    latencyHistogram: addHistograms(a.latencyHistogram, b.latencyHistogram),
    firstErrorAt: earliest(a.firstErrorAt, b.firstErrorAt),
    lastErrorAt: latest(a.lastErrorAt, b.lastErrorAt),
    firstAnswerAt: earliest(a.firstAnswerAt, b.firstAnswerAt),
    lastAnswerAt: latest(a.lastAnswerAt, b.lastAnswerAt),
  }
}

type Histogram = Readonly<Record<string, number>>

export function addHistograms(a: Histogram, b: Histogram): Histogram {
  const sum: Record<string, number> = { ...a }
  for (const [bucket, count] of Object.entries(b)) sum[bucket] = (sum[bucket] ?? 0) + count
  return sum
}

export function earliest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

export function latest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
