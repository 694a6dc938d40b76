// A rollout for tests: with its deployment, an obedient platform, a clock of its own, and traffic the test hands in.
import { assert } from '../foundation/assert.ts'
import type { EnvironmentSpec } from '../project/environment-spec.ts'
import { checkTransition, type Intent } from '../store/object.ts'
import { type Deployment, deploymentKind } from './environments/deployment.ts'
import { beginCandidate } from './environments/routing.ts'
import { decideRollout } from './rollouts/decide-rollout.ts'
import { openRollout, type Rollout, rolloutKind } from './rollouts/rollout.ts'
import { noEvidence, type RolloutEvidence } from './rollouts/rollout-evidence.ts'
import type { RolloutDecision, RolloutSeen } from './rollouts/rollout-seen.ts'
import { asStored, created, noon, production, serving } from './sample-delivery.ts'

export const two = { releaseId: 'release_2', number: 2 }

export class RolloutStory {
  now = noon
  rollout: Rollout
  deployment: Deployment
  ready = true
  observes = true
  seenEpoch: number
  evidence: RolloutEvidence = noEvidence
  readonly told: string[] = []
  last: RolloutDecision | undefined

  constructor(environment: EnvironmentSpec = production, from: Deployment = serving(1)) {
    this.deployment = asStored<Deployment>(
      beginCandidate(from, { release: two, rolloutId: 'rollout_1', salt: 's' }),
    )
    this.seenEpoch = from.epoch
    const order = { rolloutId: 'rollout_1', promotionId: 'promotion_1', number: 1, model: 'income' }
    this.rollout = created(
      openRollout({
        ...order,
        environment,
        release: two,
        from: from.stable,
        intent: 'forward',
        requester: 'person:kim',
        now: noon,
      }),
    )
  }

  pass(intents: readonly Intent[] = [], more: Partial<RolloutSeen> = {}): RolloutDecision {
    if (this.observes) this.seenEpoch = this.deployment.epoch
    const replicas = { candidateReady: this.ready, stableReady: true }
    const seen = {
      intents,
      deployment: this.deployment,
      replicas,
      observedEpoch: this.seenEpoch,
      evidence: this.evidence,
    }
    const decision = decideRollout(this.rollout, { ...seen, ...more }, this.now)
    checkTransition(rolloutKind, this.rollout.phase, decision.next.phase)
    this.rollout = asStored<Rollout>(decision.next)
    for (const change of decision.also ?? []) {
      assert(change.kind.name === deploymentKind.name, 'a rollout changes its deployment only')
      this.deployment = asStored<Deployment>(change.object as never)
    }
    if (decision.event) this.told.push(decision.event.type.replace('rollout.', ''))
    this.last = decision
    return decision
  }

  /** Passes until the phase is reached, `stepMs` apart. */
  until(phase: Rollout['phase'], stepMs = 250, limit = 2000): this {
    for (let count = 0; count < limit && this.rollout.phase !== phase; count++) {
      this.pass()
      if (this.rollout.phase !== phase) this.now += stepMs
    }
    assert(this.rollout.phase === phase, `it is ${this.rollout.phase}, not ${phase}`)
    return this
  }

  /** Counts of one more period at the present split. */
  traffic(candidate: [number, number], stable: [number, number]): this {
    const count = ([requests, errors]: [number, number]) => ({ requests, errors })
    const segment = {
      candidateBp: this.deployment.candidateBp,
      candidate: count(candidate),
      stable: count(stable),
    }
    this.evidence = {
      ...this.evidence,
      segments: [...this.evidence.segments, segment],
      lastCandidateAnswerAt: this.now,
    }
    return this
  }
}
