// The invariants of delivery (lifecycle.md), asked after every write of the simulation.

import { decideDeployment } from '../../../src/deliver/environments/decide-deployment.ts'
import { checkRouting, splitOf } from '../../../src/deliver/environments/deployment.ts'
import { desiredServing } from '../../../src/deliver/environments/desired-serving.ts'
import { personOf } from '../../../src/deliver/policy/approvals.ts'
import { evaluatePolicy } from '../../../src/deliver/policy/blockers.ts'
import { freezeAt } from '../../../src/deliver/policy/freezes.ts'
import { type Promotion, promotionKind } from '../../../src/deliver/promotions/promotion.ts'
import { decideRollout } from '../../../src/deliver/rollouts/decide-rollout.ts'
import { isEnded, type Rollout, rolloutKind } from '../../../src/deliver/rollouts/rollout.ts'
import type { RolloutDecision } from '../../../src/deliver/rollouts/rollout-seen.ts'
import { command, sampleRelease } from '../../../src/deliver/sample-delivery.ts'
import { assert } from '../../../src/foundation/assert.ts'
import { isTerminal } from '../../../src/store/object.ts'
import type { World } from './world.ts'

export function checkInvariants(world: World, after: string): void {
  checkSplit(world, after)
  checkLane(world, after)
  checkApprovals(world, after)
  checkOwners(world, after)
  checkReplicasStay(world, after)
  checkWayBack(world, after)
}

/** What one decision of a rollout may do: doubt never promotes, and going back sets a hold. */
export function checkRolloutMove(world: World, before: Rollout, decision: RolloutDecision): void {
  const { next, event } = decision
  if (next.phase === before.phase) return
  const said = `${before.id} ${before.phase} → ${next.phase} (${event?.type}): ${event?.because}`
  const isOnward = next.phase === 'stepping' || next.phase === 'promoting'
  if (isOnward && (before.phase === 'analysing' || before.phase === 'shadowing')) {
    const analysis = event?.details?.analysis as { verdict: string } | undefined
    const isDeclared =
      event?.type === 'rollout.advanced_without_evidence' &&
      before.analysis.onInsufficient === 'promote'
    const isPerson =
      event?.type === 'rollout.promoted_by_person' && event.actor.startsWith('person:')
    assert(analysis?.verdict === 'pass' || isDeclared || isPerson, `doubt promoted: ${said}`)
  }
  if (next.phase === 'rolled_back' || next.phase === 'errored') {
    const late = world.gateways.all.find(({ routing }) => routing.rolloutId === before.id)
    assert(
      late === undefined || late.routing.candidateBp + late.routing.mirrorBp === 0,
      `a gateway still sends to the candidate: ${said}`,
    )
  }
  if (next.phase === 'aborting') {
    assert(world.deployment.hold !== null, `no hold after ${said}`)
    assert(
      world.deployment.candidateBp === 0 && world.deployment.mirrorBp === 0,
      `traffic left after ${said}`,
    )
  }
  if (next.phase === 'completed' && before.intent === 'forward' && before.from !== null) {
    assert(before.release.number > before.from.number, `forward lowered the number: ${said}`)
  }
  if (next.phase === 'completed' && before.intent === 'rollback') {
    assert(world.deployment.hold !== null, `a rollback without a hold: ${said}`)
  }
}

function checkSplit({ deployment }: World, after: string): void {
  checkRouting(deployment)
  const { stableBp, candidateBp } = splitOf(deployment)
  const isServing = deployment.stable !== null || candidateBp > 0
  assert(!isServing || stableBp + candidateBp === 10_000, `the split does not sum after ${after}`)
}

function checkLane({ shelf, deployment }: World, after: string): void {
  const executing = shelf
    .list<Promotion>('promotion')
    .filter((promotion) => promotion.phase === 'executing')
  const live = shelf.list<Rollout>('rollout').filter((rollout) => !isEnded(rollout))
  assert(live.length <= 1, `${live.length} rollouts in one lane after ${after}`)
  assert(executing.length <= 1 + shelf.list<Rollout>('rollout').filter(isEnded).length, after)
  const running = executing.filter((promotion) =>
    live.some((rollout) => rollout.promotionId === promotion.id),
  )
  assert(running.length === live.length, `a rollout without its promotion after ${after}`)
  assert(
    (live[0]?.id ?? null) === deployment.rolloutId,
    `the lane is ${deployment.rolloutId}, not ${live[0]?.id}, after ${after}`,
  )
}

function checkApprovals({ shelf, authors }: World, after: string): void {
  for (const promotion of shelf.list<Promotion>('promotion')) {
    for (const { phase, binding, approver } of promotion.approvals) {
      if (phase !== 'consumed') continue
      assert(
        binding === promotion.binding?.digest,
        `${promotion.id} consumed another binding after ${after}`,
      )
      const name = personOf(approver)
      const isExcluded =
        name === personOf(promotion.requester) ||
        authors.includes(name) ||
        !approver.startsWith('person:')
      assert(!isExcluded, `${approver} is excluded from ${promotion.id} and counted after ${after}`)
    }
  }
}

function checkOwners({ shelf }: World, after: string): void {
  for (const promotion of shelf.list<Promotion>('promotion')) {
    const isOver = isTerminal(promotionKind, promotion.phase)
    assert(
      isOver === (promotion.wakeAt === null),
      `${promotion.id} (${promotion.phase}) has no wake time after ${after}`,
    )
  }
  for (const rollout of shelf.list<Rollout>('rollout')) {
    const isOver = isTerminal(rolloutKind, rollout.phase)
    assert(
      isOver === (rollout.wakeAt === null),
      `${rollout.id} (${rollout.phase}) has no wake time after ${after}`,
    )
  }
}

/** Whatever any gateway still sends to must be wanted: traffic leaves before capacity. */
function checkReplicasStay({ deployment, gateways, environment }: World, after: string): void {
  const model = desiredServing([deployment], [environment]).environments[0]?.models[0]
  const wanted = [model?.stable, model?.candidate, ...(model?.warm ?? [])].map(
    (release) => release?.releaseId,
  )
  for (const { routing } of gateways.all) {
    const { candidateBp, mirrorBp, stable, candidate } = routing
    const isStableAsked = candidateBp < 10_000 && stable !== null
    const isCandidateAsked = candidateBp + mirrorBp > 0 && candidate !== null
    const asked = [isStableAsked ? stable : null, isCandidateAsked ? candidate : null]
    for (const release of asked) {
      assert(
        release === null || wanted.includes(release.releaseId),
        `epoch ${routing.epoch} still sends to ${release?.releaseId}, which nobody keeps up, after ${after}`,
      )
    }
  }
}

/** Abort and rollback are possible whenever there is traffic; no freeze and no hold stops them. */
function checkWayBack(world: World, after: string): void {
  const { shelf, deployment, environment, now } = world
  for (const rollout of shelf.list<Rollout>('rollout')) {
    if (isEnded(rollout) || rollout.phase === 'aborting' || rollout.phase === 'rollback_failed')
      continue
    const { next, answers } = decideRollout(
      rollout,
      world.rolloutSeen(rollout, [command('abort')]),
      now,
    )
    assert(
      next.phase === 'aborting' && answers?.[0]?.accepted,
      `abort was refused in ${rollout.phase} after ${after}`,
    )
  }
  if (deployment.rolloutId === null && deployment.previous !== null) {
    const { answers } = decideDeployment(
      deployment,
      { intents: [command('rollback')], observedEpoch: null },
      now,
    )
    assert(answers?.[0]?.accepted, `rollback was refused after ${after}`)
  }
  if (deployment.stable === null || freezeAt(environment.freezes, now) === null) return
  const promotion = { intent: 'rollback', requester: 'policy:production' } as const
  const facts = { upstreamSucceededAt: null, hasServedHere: true }
  const blockers = evaluatePolicy({
    release: sampleRelease(0),
    environment,
    deployment,
    promotion,
    facts,
    now,
  })
  assert(
    !blockers.some(({ code }) => code === 'frozen' || code === 'held'),
    `a freeze blocked the way back after ${after}`,
  )
}
