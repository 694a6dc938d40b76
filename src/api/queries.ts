// Reading: stored objects turned into views, with what the platform and the ledger know beside them.

import { environmentNamed, evidenceOf, seenOf } from '../control/reconcilers/delivery-world.ts'
import { deploymentOf } from '../control/reconcilers/request-promotions.ts'
import { authorsOf, manifestOf } from '../control/reconcilers/watch-world.ts'
import { type Run, runKind } from '../control/runs/run.ts'
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../deliver/environments/deployment.ts'
import { nameOf } from '../deliver/environments/draft.ts'
import type { ObservedServing } from '../deliver/platforms/platform.ts'
import { isWaiting, type Promotion, promotionKind } from '../deliver/promotions/promotion.ts'
import { planRollout } from '../deliver/rollouts/plan-rollout.ts'
import { type Rollout, rolloutKind } from '../deliver/rollouts/rollout.ts'
import { formatDuration } from '../foundation/duration.ts'
import { LockstepError } from '../foundation/errors.ts'
import { totalOf } from '../observe/ledger/evidence.ts'
import type { EnvironmentSpec } from '../project/environment-spec.ts'
import { diffManifests } from '../release/diff.ts'
import { type Release, releaseKind } from '../release/release.ts'
import type { Kind, StoredObject } from '../store/object.ts'
import type { ApiWorld } from './api-world.ts'
import type { EnvironmentView, PromotionView, RolloutView, TrafficView } from './contract/views.ts'
import { environmentView, promotionView, rolloutView } from './views/delivery-view.ts'

/** `active`: only those from which something may still follow. */
export type Which = 'all' | 'active'

export function modelOf(world: ApiWorld): string {
  return world.spec().model.name
}

export async function releasesOf(world: ApiWorld): Promise<Release[]> {
  return world.store.list(releaseKind, { model: modelOf(world) })
}

/** By id, or by number for people. Throws `api.not_found` with what there is. */
export async function byIdOrNumber<T extends StoredObject>(
  world: ApiWorld,
  kind: Kind<T>,
  text: string,
): Promise<T> {
  const all: T[] = await world.store.list(kind, { model: modelOf(world) })
  const found = all.find((one) => one.id === text || String(one.number) === text)
  if (found) return found
  const numbers = all
    .flatMap((one) => (one.number === null ? [] : [one.number]))
    .sort((a, b) => a - b)
  throw new LockstepError({
    code: 'api.not_found',
    kind: 'not_found',
    message: `there is no ${kind.name} '${text}'; ${numbers.length === 0 ? `there is no ${kind.name} yet` : `known: ${numbers.slice(-10).join(', ')}`}`,
  })
}

export async function environmentViews(world: ApiWorld): Promise<EnvironmentView[]> {
  const releases = await releasesOf(world)
  // Without a supervisor (a control plane for one command) nothing runs, and the records are still worth showing.
  const observed = await world.platform.observe().catch(() => nothingSeen)
  const views: EnvironmentView[] = []
  for (const spec of world.spec().environments) {
    const deployment = await deploymentOf(world, spec.name)
    const { observedEpoch, replicas } = seenOf(observed, modelOf(world), spec.name)
    const traffic = await trafficOf(world, spec.name)
    views.push(
      environmentView({
        spec,
        host: world.about.host,
        deployment,
        observedEpoch,
        replicas,
        traffic,
        releases,
      }),
    )
  }
  return views
}

const nothingSeen: ObservedServing = { replicas: [], epochs: new Map() }

async function trafficOf(world: ApiWorld, environment: string): Promise<TrafficView> {
  const rows = await world.ledger.rowsOf({ environment, model: modelOf(world) })
  const shown = rows.filter((row) => row.arm !== 'mirror')
  const sum = (pick: (row: (typeof rows)[number]) => number) =>
    shown.reduce((total, row) => total + pick(row), 0)
  return {
    requests: sum((row) => row.requests),
    errors: sum((row) => row.errors),
    clientErrors: sum((row) => row.clientErrors),
  }
}

export async function promotionViews(
  world: ApiWorld,
  which: Which = 'all',
): Promise<PromotionView[]> {
  const promotions: Promotion[] = await world.store.list(promotionKind, {
    model: modelOf(world),
    active: which === 'active',
  })
  return Promise.all(promotions.map((promotion) => viewPromotion(world, promotion)))
}

export async function viewPromotion(world: ApiWorld, promotion: Promotion): Promise<PromotionView> {
  const releases = await releasesOf(world)
  const release = releases.find((one) => one.id === promotion.release.releaseId)
  const run: Run | undefined = release && (await world.store.find(runKind, release.runId))
  return promotionView(promotion, {
    spec: world.spec().environments.find((one) => one.name === promotion.environment),
    releases,
    involved: {
      authors: release ? await authorsOf(world, release.id, run) : [],
      runStarter: run?.startedBy.startsWith('person:') ? nameOf(run.startedBy) : null,
    },
    changes: isWaiting(promotion) ? await changesOf(world, promotion) : [],
  })
}

/** What an approver would agree to: the difference between the release that serves and the one that would, and how long it takes to know. */
async function changesOf(world: ApiWorld, promotion: Promotion): Promise<string[]> {
  const deployment: Deployment | undefined = await world.store.find(
    deploymentKind,
    deploymentId(promotion.model, promotion.environment),
  )
  const environment = environmentNamed(world, promotion.environment)
  if (!deployment?.stable)
    return [
      `first release in ${promotion.environment}: nothing serves there yet (strategy: initial)`,
    ]
  const [before, after] = await Promise.all([
    manifestOf(world, deployment.stable.releaseId),
    manifestOf(world, promotion.release.releaseId),
  ])
  return [
    `release ${deployment.stable.number} → release ${promotion.release.number} by ${environment.strategy.kind}`,
    ...diffManifests(before, after).map((difference) => difference.sentence),
    ...(await planOf(world, environment)),
  ]
}

/** The traffic of the last minutes says how soon the evidence can be in. */
const recentMs = 120_000

async function planOf(world: ApiWorld, environment: EnvironmentSpec): Promise<string[]> {
  if (environment.strategy.kind !== 'canary') return []
  const now = world.clock.now()
  const rows = await world.ledger.rowsOf({
    environment: environment.name,
    model: modelOf(world),
    since: now - recentMs,
  })
  const seen = totalOf(rows.filter((row) => row.arm !== 'mirror'))
  const seconds = Math.max(1, (now - (seen.firstAnswerAt ?? now)) / 1000)
  const plan = planRollout(
    environment,
    seen.requests / seconds,
    seen.requests === 0 ? 0 : seen.errors / seen.requests,
  )
  if (plan.totalSeconds === null)
    return [
      `time to a verdict: unknown; ${plan.steps.find((step) => step.seconds === null)?.because}`,
    ]
  const steps = plan.steps.map(
    (step) => `${step.kind === 'bake' ? 'bake' : `${step.shareBp / 100} %`}: ${step.because}`,
  )
  const late = plan.canConclude ? '' : '; a step would reach its deadline undecided'
  return [
    `time to a verdict: about ${formatDuration(plan.totalSeconds * 1000)} at present traffic (${steps.join('; ')})${late}`,
  ]
}

export async function rolloutViews(world: ApiWorld, which: Which = 'all'): Promise<RolloutView[]> {
  const rollouts: Rollout[] = await world.store.list(rolloutKind, {
    model: modelOf(world),
    active: which === 'active',
  })
  return Promise.all(rollouts.map((rollout) => viewRollout(world, rollout)))
}

export async function viewRollout(world: ApiWorld, rollout: Rollout): Promise<RolloutView> {
  const deployment: Deployment | undefined = await world.store.find(
    deploymentKind,
    deploymentId(rollout.model, rollout.environment),
  )
  return rolloutView(
    rollout,
    await evidenceOf(world, rollout.id),
    deployment,
    await releasesOf(world),
  )
}
