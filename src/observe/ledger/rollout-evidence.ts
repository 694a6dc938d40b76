// What the traffic of a rollout shows, per period of constant share: the table a sequential test decides from.
import type { Instant } from '../../foundation/clock.ts'
import { type EvidenceRow, type EvidenceTotals, totalOf } from './evidence.ts'

export interface RolloutEvidence extends SplitEvidence {
  readonly rolloutId: string
  /** In order of the candidate's share; the fields beside it are all segments together. */
  readonly segments: readonly ShareSegment[]
}

/** The three arms of the random split. Requests that named their release (`pinned`) are no part of it. */
export interface SplitEvidence {
  readonly stable: EvidenceTotals
  readonly candidate: EvidenceTotals
  /** Copies of stable's requests; their answers reached no client. */
  readonly mirror: EvidenceTotals
}

export interface ShareSegment extends SplitEvidence {
  readonly candidateBp: number
}

export function rolloutEvidence(rolloutId: string, rows: readonly EvidenceRow[]): RolloutEvidence {
  const own = rows.filter((row) => row.rolloutId === rolloutId)
  const shares = [...new Set(own.map((row) => row.candidateBp))].sort((a, b) => a - b)
  const segments = shares.map((candidateBp) => ({
    candidateBp,
    ...splitOf(own.filter((row) => row.candidateBp === candidateBp)),
  }))
  return { rolloutId, segments, ...splitOf(own) }
}

function splitOf(rows: readonly EvidenceRow[]): SplitEvidence {
  const total = (arm: EvidenceRow['arm']) => totalOf(rows.filter((row) => row.arm === arm))
  return { stable: total('stable'), candidate: total('candidate'), mirror: total('mirror') }
}

/** Traffic that clients saw, per minute and release: for `status` and the console. */
export interface TrafficMinute extends EvidenceTotals {
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly minute: Instant
}

/** Oldest first; mirrored copies are not traffic. */
export function trafficPerMinute(rows: readonly EvidenceRow[]): TrafficMinute[] {
  const groups = new Map<string, EvidenceRow[]>()
  for (const row of rows) {
    if (row.arm === 'mirror') continue
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
