// A small world for delivery: people, releases, late gateways and a loop that crashes, all drawn from one seed.

import { decideDeployment } from '../../../src/deliver/environments/decide-deployment.ts'
import {
  createDeployment,
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../../src/deliver/environments/deployment.ts'
import type { PromotionIntent } from '../../../src/deliver/policy/blockers.ts'
import { decidePromotion } from '../../../src/deliver/promotions/decide-promotion.ts'
import {
  createPromotion,
  isWaiting,
  type Promotion,
  promotionKind,
} from '../../../src/deliver/promotions/promotion.ts'
import type { PromotionSeen } from '../../../src/deliver/promotions/promotion-seen.ts'
import { decideRollout } from '../../../src/deliver/rollouts/decide-rollout.ts'
import {
  isEnded,
  openRollout,
  type Rollout,
  rolloutKind,
} from '../../../src/deliver/rollouts/rollout.ts'
import type { RolloutSeen } from '../../../src/deliver/rollouts/rollout-seen.ts'
import { command, noon, production, sampleRelease } from '../../../src/deliver/sample-delivery.ts'
import { assert } from '../../../src/foundation/assert.ts'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import type { EnvironmentSpec } from '../../../src/project/environment-spec.ts'
import type { Actor, Intent, IntentAnswer } from '../../../src/store/object.ts'
import { Gateways } from './gateways.ts'
import { checkInvariants, checkRolloutMove } from './invariants.ts'
import { Shelf } from './shelf.ts'

const people: readonly Actor[] = [
  'person:olga',
  'person:piotr',
  'person:sam',
  'person:kim',
  'service:ci',
]

export class World {
  now = noon
  readonly shelf = new Shelf()
  readonly gateways: Gateways
  readonly random: RandomStream
  readonly id = deploymentId('income', 'production')
  environment: EnvironmentSpec
  isCalm = false
  intents: Intent[] = []
  readonly authors = ['sam']
  readonly yanked = new Set<number>()
  readonly servedHere = new Set<number>()
  #promotions = 0
  #releases = 1
  readonly #rates = new Map<number, number>([[1, 0.01]])

  constructor(seed: number) {
    this.random = randomStream(seed, 'deliver')
    this.environment = this.#drawEnvironment()
    this.shelf.commit([createDeployment('income', 'production')], this.now)
    this.gateways = new Gateways(this.deployment, this.random)
  }

  get deployment(): Deployment {
    return this.shelf.get<Deployment>(this.id)
  }

  chance(probability: number): boolean {
    return this.random.next() < probability
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.random.below(items.length)]
    assert(item !== undefined, 'there is something to pick from')
    return item
  }

  /** One beat: time passes, traffic flows, people interfere, the loop passes over everything that is awake. */
  tick(): void {
    this.now += this.isCalm
      ? 1000
      : this.chance(0.02)
        ? this.random.below(7_200_000)
        : 50 + this.random.below(2000)
    this.gateways.apply(this.deployment, this.isCalm ? 'all' : 'some')
    if (this.isCalm || this.chance(0.8)) {
      this.gateways.serve(
        this.now,
        this.random.below(120),
        (release) => this.#rates.get(release) ?? 0,
      )
    }
    if (!this.isCalm) this.#interfere()
    for (const promotion of this.shelf.list<Promotion>('promotion'))
      this.#passPromotion(promotion.id)
    for (const rollout of this.shelf.list<Rollout>('rollout')) this.#passRollout(rollout.id)
    this.#passDeployment()
  }

  rolloutSeen(rollout: Rollout, intents: readonly Intent[] = this.#of(rollout.id)): RolloutSeen {
    const isLost = !this.isCalm && this.chance(0.2)
    return {
      intents,
      deployment: this.deployment,
      replicas: {
        candidateReady: this.isCalm || this.chance(0.7),
        stableReady: true,
        ...(!this.isCalm && this.chance(0.003) ? { failed: 'it crashed too often' } : {}),
      },
      observedEpoch: isLost ? null : this.gateways.observedEpoch(),
      evidence: this.gateways.evidenceOf(rollout.id),
    }
  }

  promotionSeen(promotion: Promotion): PromotionSeen {
    const rollout =
      promotion.phase === 'executing' ? this.shelf.find<Rollout>(promotion.rolloutId) : null
    const { number } = promotion.release
    return {
      intents: this.#of(promotion.id),
      release: sampleRelease(number, { phase: this.yanked.has(number) ? 'yanked' : 'sealed' }),
      environment: this.environment,
      deployment: this.deployment,
      rollout,
      lane: this.shelf
        .list<Promotion>('promotion')
        .filter(
          (other) =>
            other.id !== promotion.id &&
            !(other.phase === 'succeeded' && other.requestedAt < promotion.requestedAt),
        ),
      facts: { upstreamSucceededAt: null, hasServedHere: this.servedHere.has(number) },
      authors: this.authors,
      runStarter: null,
      openRollout,
    }
  }

  #passPromotion(id: string): void {
    const before = this.shelf.get<Promotion>(id)
    const decision = decidePromotion(before, this.promotionSeen(before), this.now)
    if (this.#crashes()) return
    if (!this.shelf.save(promotionKind, before, decision, this.now)) return
    this.#answered(decision.answers)
    this.#check(`promotion ${before.phase} → ${decision.next.phase}`)
  }

  #passRollout(id: string): void {
    const before = this.shelf.get<Rollout>(id)
    const seen = this.rolloutSeen(before)
    const decision = decideRollout(before, seen, this.now)
    if (this.#crashes()) return
    if (!this.shelf.save(rolloutKind, before, decision, this.now)) return
    this.#answered(decision.answers)
    checkRolloutMove(this, before, decision)
    if (decision.next.phase === 'completed') this.servedHere.add(before.release.number)
    this.#check(`rollout ${before.phase} → ${decision.next.phase}`)
  }

  #passDeployment(): void {
    const before = this.deployment
    const seen = { intents: this.#of(this.id), observedEpoch: this.gateways.observedEpoch() }
    const decision = decideDeployment(before, seen, this.now)
    if (this.#crashes()) return
    if (!this.shelf.save(deploymentKind, before, decision, this.now)) return
    this.#answered(decision.answers)
    this.#check(`deployment ${decision.event?.type ?? 'looked'}`)
  }

  #check(after: string): void {
    checkInvariants(this, after)
  }

  /** Killed before the write: the next pass starts from what was saved. */
  #crashes(): boolean {
    return !this.isCalm && this.chance(0.1)
  }

  #of(id: string): readonly Intent[] {
    return this.intents.filter((intent) => intent.objectId === id)
  }

  /** A crash after the write may deliver an intent again. */
  #answered(answers: readonly IntentAnswer[] | undefined): void {
    const ids = new Set(answers?.map((answer) => answer.intentId))
    if (this.isCalm || !this.chance(0.05))
      this.intents = this.intents.filter((intent) => !ids.has(intent.id))
  }

  #interfere(): void {
    if (this.chance(0.05)) this.#ask()
    if (this.chance(0.002)) this.environment = this.#drawEnvironment()
    if (this.chance(0.002)) this.yanked.add(1 + this.random.below(this.#releases))
    if (this.chance(0.01))
      this.#say(this.id, this.pick(['rollback', 'hold', 'clear_hold', 'dance']))
    for (const promotion of this.shelf.list<Promotion>('promotion')) {
      if (isWaiting(promotion) && this.chance(0.1)) this.#sayTo(promotion)
    }
    for (const rollout of this.shelf.list<Rollout>('rollout')) {
      if (!isEnded(rollout) && this.chance(0.02))
        this.#say(rollout.id, this.pick(['abort', 'pause', 'resume', 'resume', 'promote', 'dance']))
    }
  }

  #ask(): void {
    if (this.chance(0.5)) this.#rates.set(++this.#releases, this.pick([0, 0.01, 0.01, 0.08, 0.5]))
    const number = this.chance(0.6) ? this.#releases : 1 + this.random.below(this.#releases)
    const intent: PromotionIntent = this.chance(0.75)
      ? 'forward'
      : this.pick(['rollback', 'redeploy'])
    this.#promotions += 1
    const request = {
      model: 'income',
      environment: this.environment,
      release: sampleRelease(number),
      intent,
      reason: null,
      now: this.now,
    }
    const id = `promotion_${this.#promotions}`
    const requester: Actor = this.chance(0.3) ? 'policy:production' : this.pick(people)
    const notBefore = this.chance(0.1) ? this.now + 30_000 : null
    this.shelf.commit(
      [createPromotion({ ...request, id, number: this.#promotions, requester, notBefore })],
      this.now,
    )
  }

  #sayTo(promotion: Promotion): void {
    const binding = this.chance(0.9)
      ? promotion.binding?.digest
      : promotion.earlierBindings[0]?.digest
    this.#say(
      promotion.id,
      this.pick([
        'approve',
        'approve',
        'approve',
        'approve',
        'approve',
        'revoke',
        'reject',
        'cancel',
      ]),
      { binding },
    )
  }

  #say(objectId: string, name: string, payload: Intent['payload'] = {}): void {
    const reason = this.chance(0.7) ? 'because' : ''
    this.intents.push({ ...command(name, this.pick(people), { reason, payload }), objectId })
  }

  #drawEnvironment(): EnvironmentSpec {
    const step = (shareBp: number) => ({ shareBp, holdMs: this.random.below(5000) })
    const shadow = this.chance(0.3) ? { mirrorBp: 3000, holdMs: 1000 } : null
    const bakeMs = this.random.below(10_000)
    const from = this.now + this.random.below(600_000)
    return {
      ...production,
      replicas: 1 + this.random.below(3),
      approval: this.chance(0.5)
        ? {
            count: 1,
            from: ['olga', 'piotr', 'sam', 'kim'],
            exclude: ['requester', 'author'],
            expiresMs: 3_600_000,
          }
        : null,
      freezes: this.chance(0.4) ? [{ from, until: from + 300_000, because: 'year end' }] : [],
      strategy: this.pick([
        { kind: 'canary', shadow, steps: [step(500), step(2500)], bakeMs } as const,
        { kind: 'canary', shadow, steps: [step(1000), step(5000)], bakeMs } as const,
        { kind: 'blue_green', bakeMs } as const,
        { kind: 'recreate', bakeMs } as const,
      ]),
      analysis: {
        ...production.analysis,
        onInsufficient: this.pick(['pause', 'pause', 'rollback', 'promote']),
      },
    }
  }
}
