// The API of one control plane as one caller sees it: queries and commands, method by method, over the contract.

import { deploymentRecords } from '../control/deployment-records.ts'
import { doraOf, inWindow } from '../control/dora.ts'
import { environmentNamed } from '../control/reconcilers/delivery-world.ts'
import { deploymentOf } from '../control/reconcilers/request-promotions.ts'
import { manifestOf } from '../control/reconcilers/watch-world.ts'
import { isEnded, type Run, runKind } from '../control/runs/run.ts'
import { deploymentId, deploymentKind } from '../deliver/environments/deployment.ts'
import { type Promotion, promotionKind } from '../deliver/promotions/promotion.ts'
import { type Rollout, rolloutKind } from '../deliver/rollouts/rollout.ts'
import { type Firing, firingKind } from '../deliver/triggers/firing.ts'
import { toIso } from '../foundation/clock.ts'
import { type Alert, alertKind } from '../observe/monitors/alert.ts'
import { type Monitor, monitorKind } from '../observe/monitors/monitor.ts'
import { type Release, releaseKind } from '../release/release.ts'
import { verifyChain } from '../store/event-chain.ts'
import type { Actor } from '../store/object.ts'
import type { ApiWorld } from './api-world.ts'
import { createGateApi } from './areas/gate-api.ts'
import { createKeepingApi } from './areas/keeping-api.ts'
import { createPackageApi } from './areas/package-api.ts'
import { createPipelineApi } from './areas/pipeline-api.ts'
import { createReleaseApi } from './areas/release-api.ts'
import { cardText } from './areas/release-card.ts'
import { createTrustApi } from './areas/trust-api.ts'
import { command, requestPromotion, rollback, startRun } from './commands.ts'
import type { LockstepApi } from './contract/routes.ts'
import type { AuditView, DoraView, ReleaseView, RunView, StatusView } from './contract/views.ts'
import { logLines } from './log-lines.ts'
import {
  byIdOrNumber,
  environmentViews,
  modelOf,
  promotionViews,
  releasesOf,
  rolloutViews,
  viewPromotion,
  viewRollout,
} from './queries.ts'
import { releaseView, runView } from './views/run-view.ts'
import { alertView, firingView, monitorView } from './views/watch-view.ts'
import { why } from './why.ts'

/** So many runs back an earlier value of a metric is looked for. */
const runsCompared = 50

/** Days the DORA numbers look back. */
const doraDays = 90

export function createControlApi(world: ApiWorld, actor: Actor): LockstepApi {
  const { store } = world
  const promotionCommand = async (
    id: string,
    verb: string,
    input: Parameters<LockstepApi['reject']>[1],
    payload?: Readonly<Record<string, unknown>>,
  ) => {
    const promotion: Promotion = await byIdOrNumber(world, promotionKind, id)
    return command(world, actor, {
      kind: promotionKind.name,
      objectId: promotion.id,
      command: verb,
      input,
      ...(payload ? { payload } : {}),
    })
  }
  const holdCommand = async (
    environment: string,
    verb: string,
    input: Parameters<LockstepApi['hold']>[1],
  ) => {
    environmentNamed(world, environment)
    await deploymentOf(world, environment)
    return command(world, actor, {
      kind: deploymentKind.name,
      objectId: deploymentId(modelOf(world), environment),
      command: verb,
      input,
    })
  }
  return {
    status: () => statusView(world),
    async startRun(input) {
      const id = await startRun(world, actor, input)
      return runView(await store.get(runKind, id), await releasesOf(world))
    },
    runs: () => runViews(world),
    run: (id) => runDetail(world, id),
    async cancelRun(id, input) {
      const run: Run = await byIdOrNumber(world, runKind, id)
      return command(world, actor, {
        kind: runKind.name,
        objectId: run.id,
        command: 'cancel',
        input,
      })
    },
    logs: (query) => logLines(world, query),
    releases: () => releaseViews(world),
    release: (id) => releaseDetail(world, id),
    environments: () => environmentViews(world),
    promotions: () => promotionViews(world),
    promotion: async (id) => viewPromotion(world, await byIdOrNumber(world, promotionKind, id)),
    async promote(input) {
      const id = await requestPromotion(world, actor, input)
      return viewPromotion(world, await theOneThatCounts(world, await settledPromotion(world, id)))
    },
    approve: (id, input) =>
      promotionCommand(
        id,
        'approve',
        { ...input, ...(input.comment ? { because: input.comment } : {}) },
        { binding: input.binding, ...(input.comment ? { comment: input.comment } : {}) },
      ),
    reject: (id, input) => promotionCommand(id, 'reject', input),
    cancelPromotion: (id, input) => promotionCommand(id, 'cancel', input),
    rollouts: () => rolloutViews(world),
    rollout: async (id) => viewRollout(world, await byIdOrNumber(world, rolloutKind, id)),
    async commandRollout(id, verb, input) {
      const rollout: Rollout = await byIdOrNumber(world, rolloutKind, id)
      return command(world, actor, {
        kind: rolloutKind.name,
        objectId: rollout.id,
        command: verb,
        input,
      })
    },
    rollback: (environment, input) => rollback(world, actor, environment, input),
    hold: (environment, input) => holdCommand(environment, 'hold', input),
    clearHold: (environment, input) => holdCommand(environment, 'clear_hold', input),
    monitors: async () =>
      (await store.list<Monitor>(monitorKind, { model: modelOf(world), active: true })).map(
        monitorView,
      ),
    async alerts() {
      const releases = await releasesOf(world)
      return (await store.list<Alert>(alertKind, { model: modelOf(world) })).map((alert) =>
        alertView(alert, releases),
      )
    },
    firings: async () =>
      (await store.list<Firing>(firingKind, { model: modelOf(world) })).map(firingView),
    events: async ({ after, object, limit }) =>
      (
        await store.events({
          ...(after === undefined ? {} : { afterSeq: after }),
          ...(object ? { objectId: object } : {}),
          limit: limit ?? 200,
        })
      ).map((event) => ({
        seq: event.seq,
        at: toIso(event.at),
        kind: event.kind,
        objectId: event.objectId,
        phase: event.phase,
        type: event.type,
        actor: event.actor,
        because: event.because,
        environment: event.environment,
      })),
    why: (query) => why(world, query),
    audit: () => auditView(world),
    dora: () => doraViews(world),
    ...createPipelineApi(world, actor),
    ...createKeepingApi(world, actor),
    ...createPackageApi(world, actor),
    ...createTrustApi(world, actor),
    ...createReleaseApi(world, actor),
    ...createGateApi(world),
  }
}

async function statusView(world: ApiWorld): Promise<StatusView> {
  const [latest, releases, promotions, rollouts, refs] = await Promise.all([
    world.store.list<Run>(runKind, { model: modelOf(world), limit: 1 }),
    releaseViews(world),
    promotionViews(world, 'active'),
    rolloutViews(world, 'active'),
    releasesOf(world),
  ])
  const alerts = await world.store.list<Alert>(alertKind, { model: modelOf(world), active: true })
  const { about } = world
  return {
    project: world.spec().project,
    model: modelOf(world),
    version: about.version,
    control: { pid: about.pid, url: about.url, since: toIso(about.since) },
    environments: await environmentViews(world),
    latestRun: latest[0] ? runView(latest[0], refs) : null,
    releases,
    waitingForApproval: promotions.filter((promotion) => promotion.phase === 'awaiting_approval'),
    activeRollouts: rollouts.filter((rollout) => rollout.finishedAt === null),
    openAlerts: alerts
      .filter((alert) => alert.phase !== 'pending')
      .map((alert) => alertView(alert, refs)),
    stuck: world.stuck().map(({ kind, id, because }) => ({ kind, id, because })),
  }
}

/** Whoever follows a run asks often: it is compared with earlier ones once it has ended. */
async function runDetail(world: ApiWorld, id: string): Promise<RunView> {
  const exact = id.startsWith('run_') ? await world.store.find(runKind, id) : undefined
  const run: Run = exact ?? (await byIdOrNumber(world, runKind, id))
  const runs = isEnded(run)
    ? await world.store.list<Run>(runKind, { model: modelOf(world), limit: runsCompared })
    : []
  const earlier = runs.filter((other) => other.number < run.number)
  return runView(run, await releasesOf(world), earlier)
}

async function runViews(world: ApiWorld): Promise<RunView[]> {
  const releases = await releasesOf(world)
  return (await world.store.list<Run>(runKind, { model: modelOf(world) })).map((run) =>
    runView(run, releases),
  )
}

async function releaseViews(world: ApiWorld): Promise<ReleaseView[]> {
  const [releases, runs] = [
    await releasesOf(world),
    await world.store.list<Run>(runKind, { model: modelOf(world) }),
  ]
  const promotions = await world.store.list<Promotion>(promotionKind, { model: modelOf(world) })
  return releases.map((release) =>
    releaseView(
      release,
      runs.find((run) => run.id === release.runId),
      promotions,
    ),
  )
}

async function releaseDetail(
  world: ApiWorld,
  id: string,
): Promise<Awaited<ReturnType<LockstepApi['release']>>> {
  const release: Release = await byIdOrNumber(world, releaseKind, id)
  const run = await world.store.find<Run>(runKind, release.runId)
  const manifest = await manifestOf(world, release.id)
  const promotions = await world.store.list<Promotion>(promotionKind, { model: modelOf(world) })
  return {
    ...releaseView(release, run, promotions),
    manifest,
    card: await cardText(world, release, 'markdown'),
  }
}

/** A new request is judged at once; its answer should already say what stands in the way. */
/** Who asks for what was asked for before is shown the request that is under way. */
async function theOneThatCounts(world: ApiWorld, promotion: Promotion): Promise<Promotion> {
  if (promotion.phase !== 'superseded') return promotion
  const other: Promotion = await world.store.get(promotionKind, promotion.supersededBy)
  return other.release.releaseId === promotion.release.releaseId ? other : promotion
}

async function settledPromotion(world: ApiWorld, id: string): Promise<Promotion> {
  const until = world.clock.now() + 2000
  for (;;) {
    const promotion: Promotion = await world.store.get(promotionKind, id)
    if (
      (promotion.phase !== 'requested' && promotion.phase !== 'evaluating') ||
      world.clock.now() > until
    )
      return promotion
    await world.clock.sleep(20)
  }
}

async function auditView(world: ApiWorld): Promise<AuditView> {
  const report = await verifyChain(world.db)
  const because =
    report.broken?.because ?? `all ${report.events} entries follow one another and none was changed`
  return { events: report.events, intact: report.intact, because, head: report.head }
}

async function doraViews(world: ApiWorld): Promise<DoraView[]> {
  return Promise.all(
    world.spec().environments.map(async ({ name }) => {
      const records = await deploymentRecords(world.store, modelOf(world), name)
      const recent = records.filter((record) => inWindow(record, world.clock.now(), doraDays))
      return { environment: name, windowDays: doraDays, ...doraOf(recent, doraDays) }
    }),
  )
}
