// Deployments, promotions and rollouts: five beats each, and nothing else. The deciders are in deliver/.
import { decideDeployment } from '../../deliver/environments/decide-deployment.ts'
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../deliver/environments/deployment.ts'
import { nameOf } from '../../deliver/environments/draft.ts'
import type { PromotionFacts } from '../../deliver/policy/blockers.ts'
import { decidePromotion } from '../../deliver/promotions/decide-promotion.ts'
import { type Promotion, promotionKind } from '../../deliver/promotions/promotion.ts'
import { decideRollout } from '../../deliver/rollouts/decide-rollout.ts'
import { isEnded, openRollout, type Rollout, rolloutKind } from '../../deliver/rollouts/rollout.ts'
import type { RolloutSeen } from '../../deliver/rollouts/rollout-seen.ts'
import { releaseKind } from '../../release/release.ts'
import type { Decision, Kind, StoredObject } from '../../store/object.ts'
import type { Reconciler } from '../loop.ts'
import { recordDecision } from '../record.ts'
import { runKind } from '../runs/run.ts'
import {
  type DeliveryWorld,
  ensureServing,
  environmentNamed,
  evidenceOf,
  observeServing,
  releaseFacts,
} from './delivery-world.ts'
import { authorsOf } from './watch-world.ts'

export function deploymentReconciler(world: DeliveryWorld): Reconciler {
  return {
    kindName: deploymentKind.name,
    async reconcile(id, now) {
      const deployment: Deployment = await world.store.get(deploymentKind, id)
      const { observedEpoch } = await observeServing(
        world,
        deployment.model,
        deployment.environment,
      )
      const intents = await world.store.openIntents(deploymentKind.name, id)
      const decision = decideDeployment(deployment, { intents, observedEpoch }, now)
      await settle(world, deploymentKind, deployment, decision)
    },
  }
}

export function promotionReconciler(world: DeliveryWorld): Reconciler {
  return {
    kindName: promotionKind.name,
    async reconcile(id, now) {
      const promotion: Promotion = await world.store.get(promotionKind, id)
      const { model, environment } = promotion
      const seen = {
        intents: await world.store.openIntents(promotionKind.name, id),
        release: await releaseFacts(world, promotion.release.releaseId),
        environment: environmentNamed(world, environment),
        deployment: await world.store.get(deploymentKind, deploymentId(model, environment)),
        rollout: await rolloutOf(world, promotion),
        lane: (await world.store.list(promotionKind, { model, environment })).filter(
          (other) => other.id !== id,
        ),
        facts: await factsOf(world, promotion),
        ...(await peopleBehind(world, promotion.release.releaseId)),
        openRollout,
      }
      await settle(world, promotionKind, promotion, decidePromotion(promotion, seen, now))
    },
  }
}

export function rolloutReconciler(world: DeliveryWorld): Reconciler {
  return {
    kindName: rolloutKind.name,
    async reconcile(id, now) {
      const rollout: Rollout = await world.store.get(rolloutKind, id)
      if (isEnded(rollout)) return world.store.wake(rolloutKind.name, id, null)
      const seen = await seeRollout(world, rollout)
      await settle(world, rolloutKind, rollout, decideRollout(rollout, seen, now))
    },
  }
}

/** Record, then act. The next pass repeats an action that a crash left undone. */
async function settle<T extends StoredObject>(
  world: DeliveryWorld,
  kind: Kind<T>,
  before: T,
  decision: Decision<T, { readonly kind: 'ensure_serving' }>,
): Promise<void> {
  await recordDecision(world.store, kind, before, decision)
  if (decision.actions.length > 0) await ensureServing(world)
}

async function seeRollout(world: DeliveryWorld, rollout: Rollout): Promise<RolloutSeen> {
  const { model, environment, release } = rollout
  const { observedEpoch, replicas } = await observeServing(world, model, environment)
  const deployment: Deployment = await world.store.get(
    deploymentKind,
    deploymentId(model, environment),
  )
  const wanted = environmentNamed(world, environment).replicas
  const readyOf = (releaseId: string | undefined) =>
    replicas.filter((replica) => replica.releaseId === releaseId && replica.phase === 'ready')
      .length >= wanted
  const failed = replicas.find(
    (replica) => replica.releaseId === release.releaseId && replica.phase === 'failed',
  )
  return {
    intents: await world.store.openIntents(rolloutKind.name, rollout.id),
    deployment,
    replicas: {
      candidateReady: readyOf(release.releaseId),
      stableReady: deployment.stable === null || readyOf(deployment.stable.releaseId),
      ...(failed ? { failed: `replica ${failed.id} ${failed.because ?? 'does not start'}` } : {}),
    },
    observedEpoch,
    evidence: await evidenceOf(world, rollout.id),
  }
}

async function rolloutOf(world: DeliveryWorld, promotion: Promotion): Promise<Rollout | null> {
  if (!('rolloutId' in promotion)) return null
  return (await world.store.find(rolloutKind, promotion.rolloutId)) ?? null
}

async function factsOf(world: DeliveryWorld, promotion: Promotion): Promise<PromotionFacts> {
  const { model, environment, release } = promotion
  const upstream = environmentNamed(world, environment).after
  const succeeded = async (where: string) =>
    (await world.store.list(promotionKind, { model, environment: where })).find(
      (other) => other.phase === 'succeeded' && other.release.releaseId === release.releaseId,
    )
  const above = upstream === null ? undefined : await succeeded(upstream)
  return {
    upstreamSucceededAt: above && 'endedAt' in above ? above.endedAt : null,
    hasServedHere: (await succeeded(environment)) !== undefined,
  }
}

/** Who made the release: they do not approve it. */
async function peopleBehind(
  world: DeliveryWorld,
  releaseId: string,
): Promise<{ authors: readonly string[]; runStarter: string | null }> {
  const release = await world.store.get(releaseKind, releaseId)
  const run = await world.store.find(runKind, release.runId)
  return {
    authors: await authorsOf(world, releaseId, run),
    runStarter: run?.startedBy.startsWith('person:') ? nameOf(run.startedBy) : null,
  }
}
