// The platform adapter of one machine: replicas through the supervisor, traffic through a snapshot every gateway worker keeps on disk.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../../foundation/atomic-file.ts'
import { canonicalJson } from '../../../foundation/canonical-json.ts'
import { isRefusal } from '../../../foundation/refusal.ts'
import { type DataFolder, socketNames } from '../../../project/data-folder.ts'
import {
  type ModelRoute,
  parseRoutingSnapshot,
  type RouteTarget,
  type RoutingSnapshot,
} from '../../../serve/gateway/routing.ts'
import type { ReleaseRef } from '../../environments/deployment.ts'
import type { DesiredModel, DesiredServing } from '../../environments/desired-serving.ts'
import {
  deploymentKey,
  type ObservedReplica,
  type ObservedServing,
  type Platform,
} from '../platform.ts'
import { callLocal } from './local-http.ts'
import type { ChildView, ReplicaSpec, SupervisorView } from './process-spec.ts'

/** Where a release's verified model lies on this machine. Throws when it may not serve. */
export type LocateModel = (
  releaseId: string,
) => Promise<{ readonly modelPath: string; readonly digest: string }>

export function createLocalPlatform(folder: DataFolder, locateModel: LocateModel): Platform {
  const supervisor = join(folder.sockets, socketNames.supervisor)
  let published:
    | { readonly snapshot: RoutingSnapshot; readonly epochs: ReadonlyMap<string, number> }
    | undefined

  const processes = async (): Promise<SupervisorView> =>
    (await callLocal({ socketPath: supervisor, method: 'GET', path: '/processes' }))
      .body as SupervisorView

  const setReplicas = async (specs: readonly ReplicaSpec[]): Promise<void> => {
    await callLocal({
      socketPath: supervisor,
      method: 'PUT',
      path: '/replicas',
      body: { replicas: specs },
      timeoutMs: 10_000,
    })
  }

  const publish = async (desired: DesiredServing): Promise<void> => {
    const environments = desired.environments.map((one) => ({
      environment: one.environment,
      port: one.port,
      models: one.models.map((model) => routeOf(folder, one.environment, model)),
    }))
    const gateways = await gatewayEpochs((await processes()).children)
    const before = published?.snapshot ?? (await lastSnapshot(folder.snapshot))
    const newest = Math.max(before?.epoch ?? 0, ...gateways.map(({ epoch }) => epoch ?? 0))
    // A gateway ahead of the file (it was damaged, or put back from a backup) would refuse an epoch it has passed.
    const same =
      before?.epoch === newest && canonicalJson(before.environments) === canonicalJson(environments)
    const snapshot: RoutingSnapshot = same ? before : { epoch: newest + 1, environments }
    if (!same) await writeFileAtomically(folder.snapshot, JSON.stringify(snapshot))
    published = { snapshot, epochs: epochsOf(desired) }
    await tellGateways(
      gateways.filter(({ epoch }) => epoch !== snapshot.epoch).map((one) => one.socketPath),
      snapshot,
    )
  }

  return {
    async ensure(desired) {
      const specs = await replicaSpecs(folder, desired, locateModel)
      const current = (await processes()).replicas
      const keep = current.filter((old) => !specs.some((spec) => spec.id === old.id))
      if (specs.some((spec) => !current.some((old) => old.id === spec.id)))
        await setReplicas([...keep, ...specs])
      await publish(desired)
      if (keep.length > 0) await setReplicas(specs)
    },
    async observe() {
      const view = await processes()
      return { replicas: observedReplicas(view), epochs: await observedEpochs(view, published) }
    },
  }
}

/** Best effort: a worker that does not answer is told again by the next ensure, and observe() says who lags. */
async function tellGateways(sockets: readonly string[], snapshot: RoutingSnapshot): Promise<void> {
  await Promise.allSettled(
    sockets.map((socketPath) =>
      callLocal({ socketPath, method: 'PUT', path: '/routing', body: snapshot }),
    ),
  )
}

/** Null where a worker does not answer. */
function gatewayEpochs(
  children: readonly ChildView[],
): Promise<{ readonly socketPath: string; readonly epoch: number | null }[]> {
  const sockets = children.flatMap((child) =>
    child.kind === 'gateway' && child.socketPath ? [child.socketPath] : [],
  )
  return Promise.all(
    sockets.map(async (socketPath) => {
      const answer = await callLocal({ socketPath, method: 'GET', path: '/routing' }).catch(
        () => null,
      )
      return { socketPath, epoch: (answer?.body as { epoch: number } | undefined)?.epoch ?? null }
    }),
  )
}

async function observedEpochs(
  view: SupervisorView,
  published:
    | { readonly snapshot: RoutingSnapshot; readonly epochs: ReadonlyMap<string, number> }
    | undefined,
): Promise<ObservedServing['epochs']> {
  const answers = (await gatewayEpochs(view.children)).map(({ epoch }) => epoch)
  const target = published?.snapshot.epoch ?? Number.POSITIVE_INFINITY
  const lagging = answers.length === 0 || answers.some((epoch) => epoch === null || epoch < target)
  const behind = published?.snapshot
  // A worker that has not applied the newest snapshot may still use any older one, so the deployment's epoch is unknown.
  return new Map(
    [...(published?.epochs ?? [])].map(([key, epoch]) => [key, lagging || !behind ? null : epoch]),
  )
}

function epochsOf(desired: DesiredServing): ReadonlyMap<string, number> {
  const pairs = desired.environments.flatMap((one) =>
    one.models.map((model) => [deploymentKey(model.model, one.environment), model.epoch] as const),
  )
  return new Map(pairs)
}

function routeOf(folder: DataFolder, environment: string, model: DesiredModel): ModelRoute {
  const target = (release: ReleaseRef | null): RouteTarget | null =>
    release && {
      releaseId: release.releaseId,
      release: String(release.number),
      replicas: replicaIds(environment, model, release).map((id) => ({
        id,
        socketPath: join(folder.sockets, socketNames.replica(id)),
      })),
    }
  return {
    model: model.model,
    salt: model.salt,
    rolloutId: model.rolloutId,
    stable: target(model.stable),
    candidate: target(model.candidate),
    candidateBp: model.candidateBp,
    mirrorBp: model.mirrorBp,
  }
}

function replicaIds(environment: string, model: DesiredModel, release: ReleaseRef): string[] {
  return Array.from({ length: model.replicas }, (_, index) => {
    const short = createHash('sha256').update(release.releaseId).digest('hex').slice(0, 8)
    return `${environment}-${model.model}-r${release.number}-${short}-${index}`
  })
}

async function replicaSpecs(
  folder: DataFolder,
  desired: DesiredServing,
  locateModel: LocateModel,
): Promise<ReplicaSpec[]> {
  const specs: ReplicaSpec[] = []
  for (const { environment, models } of desired.environments) {
    for (const model of models) {
      for (const release of [model.stable, model.candidate, ...model.warm]) {
        if (!release) continue
        const { modelPath, digest } = await locateModel(release.releaseId)
        for (const id of replicaIds(environment, model, release)) {
          specs.push({
            id,
            environment,
            model: model.model,
            releaseId: release.releaseId,
            release: String(release.number),
            modelPath,
            digest,
            socketPath: join(folder.sockets, socketNames.replica(id)),
          })
        }
      }
    }
  }
  return specs
}

function observedReplicas(view: SupervisorView): ObservedReplica[] {
  const children = new Map(view.children.map((child) => [child.id, child]))
  return view.replicas.map((spec) => {
    const child = children.get(spec.id)
    const phase = child?.phase === 'ready' || child?.phase === 'failed' ? child.phase : 'starting'
    return {
      id: spec.id,
      environment: spec.environment,
      model: spec.model,
      releaseId: spec.releaseId,
      phase,
      pid: child?.pid ?? null,
      restarts: child?.restarts ?? 0,
      because: child?.because ?? null,
    }
  })
}

/** What an earlier control plane published. A damaged file counts as none: everything in it follows from the deployments. */
async function lastSnapshot(path: string): Promise<RoutingSnapshot | undefined> {
  try {
    const snapshot = parseRoutingSnapshot(JSON.parse(await readFile(path, 'utf8')))
    return isRefusal(snapshot) ? undefined : snapshot
  } catch {
    return undefined
  }
}
