// Evidence of live traffic: what gateway workers counted, as rows that only ever add up, so that the order and the batching of
// segments never matter. The shape of a row is the gateway's own.
import type { Instant } from '../../foundation/clock.ts'
import type { EvidenceCount } from '../../serve/gateway/evidence.ts'

/** The key is environment, model, rolloutId, candidateBp, arm, releaseId and minute; everything else adds up. */
export type EvidenceRow = EvidenceCount

/** The part that adds up. */
export type EvidenceTotals = Pick<
  EvidenceRow,
  | 'requests'
  | 'errors'
  | 'clientErrors'
  | 'unavailable'
  | 'rows'
  | 'sumMs'
  | 'maxMs'
  | 'latency'
  | 'firstErrorAt'
  | 'lastErrorAt'
  | 'firstAnswerAt'
  | 'lastAnswerAt'
>

export const noEvidence: EvidenceTotals = {
  requests: 0,
  errors: 0,
  clientErrors: 0,
  unavailable: 0,
  rows: 0,
  sumMs: 0,
  maxMs: 0,
  latency: [],
  firstErrorAt: null,
  lastErrorAt: null,
  firstAnswerAt: null,
  lastAnswerAt: null,
}

export function evidenceKey(row: EvidenceRow): string {
  const { environment, model, rolloutId, candidateBp, arm, releaseId, minute } = row
  return JSON.stringify([environment, model, rolloutId, candidateBp, arm, releaseId, minute])
}

/** Rows with equal keys become one. */
export function mergeEvidence(
  rows: readonly EvidenceRow[],
  segment: readonly EvidenceRow[],
): EvidenceRow[] {
  const merged = new Map<string, EvidenceRow>()
  for (const row of [...rows, ...segment]) {
    const key = evidenceKey(row)
    const before = merged.get(key)
    merged.set(key, before ? { ...before, ...addTotals(before, row) } : row)
  }
  return [...merged.values()]
}

export function totalOf(rows: readonly EvidenceTotals[]): EvidenceTotals {
  return rows.reduce(addTotals, noEvidence)
}

export function addTotals(a: EvidenceTotals, b: EvidenceTotals): EvidenceTotals {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    clientErrors: a.clientErrors + b.clientErrors,
    unavailable: a.unavailable + b.unavailable,
    rows: a.rows + b.rows,
    sumMs: a.sumMs + b.sumMs,
    maxMs: Math.max(a.maxMs, b.maxMs),
    latency: addLatency(a.latency, b.latency),
    firstErrorAt: earliest(a.firstErrorAt, b.firstErrorAt),
    lastErrorAt: latest(a.lastErrorAt, b.lastErrorAt),
    firstAnswerAt: earliest(a.firstAnswerAt, b.firstAnswerAt),
    lastAnswerAt: latest(a.lastAnswerAt, b.lastAnswerAt),
  }
}

type Latency = EvidenceRow['latency']

function addLatency(a: Latency, b: Latency): Latency {
  const sum = new Map<number, number>()
  for (const [bucket, count] of [...a, ...b]) sum.set(bucket, (sum.get(bucket) ?? 0) + count)
  return [...sum].sort(([left], [right]) => left - right)
}

function earliest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

function latest(a: Instant | null, b: Instant | null): Instant | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
