// What the traffic of a rollout shows, per period of constant share: the table a sequential test decides from.
import type { Instant } from '../../foundation/clock.ts'
import { type Arm, addHistograms, type EvidenceRow, earliest, latest } from './evidence.ts'

export interface RolloutEvidence {
  readonly rolloutId: string
  /** In order of the candidate's share. */
  readonly segments: readonly ShareSegment[]
  /** All segments together. */
  readonly stable: ArmEvidence
  readonly candidate: ArmEvidence
  /** Mirrored requests; their answers reached no client. */
  readonly shadow: ArmEvidence
}

export interface ShareSegment {
  readonly candidateBp: number
  readonly stable: ArmEvidence
  readonly candidate: ArmEvidence
  readonly shadow: ArmEvidence
}

export interface ArmEvidence {
  readonly requests: number
  readonly errors: number
  readonly clientErrors: number
  readonly rows: number
  readonly latencyHistogram: Readonly<Record<string, number>>
  readonly firstErrorAt: Instant | null
  readonly lastErrorAt: Instant | null
  readonly firstAnswerAt: Instant | null
  readonly lastAnswerAt: Instant | null
}

export const noEvidence: ArmEvidence = {
  requests: 0,
  errors: 0,
  clientErrors: 0,
  rows: 0,
  latencyHistogram: {},
  firstErrorAt: null,
  lastErrorAt: null,
  firstAnswerAt: null,
  lastAnswerAt: null,
}

export function rolloutEvidence(rolloutId: string, rows: readonly EvidenceRow[]): RolloutEvidence {
  const own = rows.filter((row) => row.rolloutId === rolloutId)
  const shares = [...new Set(own.map((row) => row.candidateBp))].sort((a, b) => a - b)
  const segments = shares.map((candidateBp) => ({
    candidateBp,
    ...armsOf(own.filter((row) => row.candidateBp === candidateBp)),
  }))
  return { rolloutId, segments, ...armsOf(own) }
}

function armsOf(rows: readonly EvidenceRow[]): Record<Arm, ArmEvidence> {
  const total = (arm: Arm) => totalOf(rows.filter((row) => row.arm === arm))
  return { stable: total('stable'), candidate: total('candidate'), shadow: total('shadow') }
}

export function totalOf(rows: readonly ArmEvidence[]): ArmEvidence {
  return rows.reduce(
    (sum, row) => ({
      requests: sum.requests + row.requests,
      errors: sum.errors + row.errors,
      clientErrors: sum.clientErrors + row.clientErrors,
      rows: sum.rows + row.rows,
      latencyHistogram: addHistograms(sum.latencyHistogram, row.latencyHistogram),
      firstErrorAt: earliest(sum.firstErrorAt, row.firstErrorAt),
      lastErrorAt: latest(sum.lastErrorAt, row.lastErrorAt),
      firstAnswerAt: earliest(sum.firstAnswerAt, row.firstAnswerAt),
      lastAnswerAt: latest(sum.lastAnswerAt, row.lastAnswerAt),
    }),
    noEvidence,
  )
}

/** Traffic per minute and release, without shadow, oldest first: for `status` and the console. */
export interface TrafficMinute extends ArmEvidence {
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly minute: Instant
}

export function trafficPerMinute(rows: readonly EvidenceRow[]): TrafficMinute[] {
  const groups = new Map<string, EvidenceRow[]>()
  for (const row of rows) {
    if (row.arm === 'shadow') continue
    const key = JSON.stringify([row.environment, row.model, row.releaseId, row.minute])
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group
      if (!first) return []
      const { environment, model, releaseId, minute } = first
      return [{ environment, model, releaseId, minute, ...totalOf(group) }]
    })
    .sort((a, b) => a.minute - b.minute || (a.releaseId < b.releaseId ? -1 : 1))
}

/** The latency under which `share` of the requests stayed: the upper end of its bucket in milliseconds, or null without requests. */
export function latencyQuantile(
  histogram: Readonly<Record<string, number>>,
  share: number,
): number | null {
  const buckets = Object.entries(histogram)
    .map(([end, count]) => ({
      end: end === '+Inf' ? Number.POSITIVE_INFINITY : Number(end),
      count,
    }))
    .sort((a, b) => a.end - b.end)
  const wanted = share * buckets.reduce((sum, { count }) => sum + count, 0)
  let seen = 0
  for (const { end, count } of buckets) {
    seen += count
    if (count > 0 && seen >= wanted) return end
  }
  return null
}
