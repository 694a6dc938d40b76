// What live traffic has shown during one rollout: counts per period of constant split. The counts are the whole evidence;
// every verdict can be computed from them again, so a crash loses nothing and looking often costs nothing.
import type { Instant } from '../../foundation/clock.ts'

/** Answers, and how many of them were errors (failed, timed out, or not a valid answer). */
export interface ArmCounts {
  readonly requests: number
  readonly errors: number
  /** Answers that called the request itself wrong (4xx); absent means none. */
  readonly rejected?: number
}

/** A period of constant split. */
export interface EvidenceSegment {
  readonly candidateBp: number
  readonly stable: ArmCounts
  readonly candidate: ArmCounts
}

export interface RolloutEvidence {
  readonly segments: readonly EvidenceSegment[]
  /** The candidate's answers to copied requests; no client saw them. */
  readonly mirror: ArmCounts
  /** The first error a client saw from the candidate. */
  readonly firstCandidateErrorAt: Instant | null
  readonly lastCandidateAnswerAt: Instant | null
}

export const noEvidence: RolloutEvidence = {
  segments: [],
  mirror: { requests: 0, errors: 0 },
  firstCandidateErrorAt: null,
  lastCandidateAnswerAt: null,
}

/** Everything the candidate has answered: to clients and to copies. */
export function candidateCounts(evidence: RolloutEvidence): ArmCounts {
  return sumCounts([evidence.mirror, ...evidence.segments.map((segment) => segment.candidate)])
}

/** Stable's answers while it shared the traffic with the candidate: what the candidate is compared with. */
export function stableCounts(evidence: RolloutEvidence): ArmCounts {
  return sumCounts(sharedSegments(evidence).map((segment) => segment.stable))
}

/** Only where both arms answered is there anything to compare. */
export function sharedSegments(evidence: RolloutEvidence): readonly EvidenceSegment[] {
  return evidence.segments.filter(({ candidateBp }) => candidateBp > 0 && candidateBp < 10_000)
}

function sumCounts(counts: readonly ArmCounts[]): ArmCounts {
  let requests = 0
  let errors = 0
  let rejected = 0
  for (const count of counts) {
    requests += count.requests
    errors += count.errors
    rejected += count.rejected ?? 0
  }
  return rejected === 0 ? { requests, errors } : { requests, errors, rejected }
}
