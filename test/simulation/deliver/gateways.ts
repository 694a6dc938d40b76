// Gateways of the simulation: each applies routing late or not at all for a while, and counts real draws of a random stream.

import type { Deployment } from '../../../src/deliver/environments/deployment.ts'
import {
  type EvidenceSegment,
  noEvidence,
  type RolloutEvidence,
} from '../../../src/deliver/rollouts/rollout-evidence.ts'
import type { RandomStream } from '../../../src/foundation/random.ts'

interface Gateway {
  routing: Deployment
  isReachable: boolean
}

export class Gateways {
  readonly all: Gateway[]
  readonly #random: RandomStream
  readonly #evidence = new Map<string, RolloutEvidence>()

  constructor(routing: Deployment, random: RandomStream) {
    this.#random = random
    this.all = [
      { routing, isReachable: true },
      { routing, isReachable: true },
    ]
  }

  observedEpoch(): number | null {
    if (this.all.some((gateway) => !gateway.isReachable)) return null
    return Math.min(...this.all.map((gateway) => gateway.routing.epoch))
  }

  /** Evidence arrives by rollout; sometimes nothing new has been flushed, which the caller draws. */
  evidenceOf(rolloutId: string): RolloutEvidence {
    return this.#evidence.get(rolloutId) ?? noEvidence
  }

  apply(deployment: Deployment, how: 'all' | 'some'): void {
    for (const gateway of this.all) {
      if (how === 'some' && this.#random.next() < 0.03) gateway.isReachable = !gateway.isReachable
      if (how === 'all') gateway.isReachable = true
      if (how === 'all' || (gateway.isReachable && this.#random.next() < 0.4))
        gateway.routing = deployment
    }
  }

  /** Sends requests through each gateway by the routing it has applied, however old. */
  serve(now: number, requests: number, errorRate: (release: number) => number): void {
    for (const { routing } of this.all) {
      if (routing.rolloutId === null || routing.candidate === null) continue
      const before = this.evidenceOf(routing.rolloutId)
      const candidate = { requests: 0, errors: 0 }
      const stable = { requests: 0, errors: 0 }
      const mirror = { ...before.mirror }
      for (let sent = 0; sent < requests; sent++) {
        const isCandidate = this.#random.below(10_000) < routing.candidateBp
        this.#count(
          isCandidate ? candidate : stable,
          errorRate((isCandidate ? routing.candidate : routing.stable)?.number ?? 0),
        )
        if (this.#random.below(10_000) < routing.mirrorBp)
          this.#count(mirror, errorRate(routing.candidate.number))
      }
      this.#evidence.set(routing.rolloutId, {
        segments: merge(before.segments, { candidateBp: routing.candidateBp, candidate, stable }),
        mirror,
        firstCandidateErrorAt: before.firstCandidateErrorAt ?? (candidate.errors > 0 ? now : null),
        lastCandidateAnswerAt: candidate.requests > 0 ? now : before.lastCandidateAnswerAt,
      })
    }
  }

  #count(counts: { requests: number; errors: number }, rate: number): void {
    counts.requests += 1
    if (this.#random.next() < rate) counts.errors += 1
  }
}

function merge(segments: readonly EvidenceSegment[], more: EvidenceSegment): EvidenceSegment[] {
  const same = segments.find((segment) => segment.candidateBp === more.candidateBp)
  if (same === undefined) return [...segments, more]
  const add = (arm: 'candidate' | 'stable') => ({
    requests: same[arm].requests + more[arm].requests,
    errors: same[arm].errors + more[arm].errors,
  })
  const sum = { candidateBp: same.candidateBp, candidate: add('candidate'), stable: add('stable') }
  return segments.map((segment) => (segment === same ? sum : segment))
}
