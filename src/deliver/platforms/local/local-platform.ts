// The platform adapter of one machine: replicas through the supervisor, traffic through a snapshot every gateway worker keeps on disk.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomically } from '../../../foundation/atomic-file.ts'
import { canonicalJson } from '../../../foundation/canonical-json.ts'
import { type DataFolder, socketNames } from '../../../project/data-folder.ts'
import type { ModelRoute, RouteTarget, RoutingSnapshot } from '../../../serve/gateway/routing.ts'
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
    const before = published?.snapshot ?? (await lastSnapshot(folder.snapshot))
    const environments = desired.environments.map((one) => ({
      environment: one.environment,
      port: one.port,
      models: one.models.map((model) => routeOf(folder, one.environment, model)),
    }))
    const same =
      before !== undefined && canonicalJson(before.environments) === canonicalJson(environments)
    const snapshot: RoutingSnapshot = same
      ? before
      : { epoch: (before?.epoch ?? 0) + 1, environments }
    if (!same) await writeFileAtomically(folder.snapshot, JSON.stringify(snapshot))
    published = { snapshot, epochs: epochsOf(desired) }
    if (!same) await tellGateways((await processes()).children, snapshot)
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

/** Best effort: a worker that does not answer reads the file when it starts again, and observe() says who lags. */
async function tellGateways(
  children: readonly ChildView[],
  snapshot: RoutingSnapshot,
): Promise<void> {
  const sockets = children.flatMap((child) =>
    child.kind === 'gateway' && child.socketPath ? [child.socketPath] : [],
  )
  await Promise.allSettled(
    sockets.map((socketPath) =>
      callLocal({ socketPath, method: 'PUT', path: '/routing', body: snapshot }),
    ),
  )
}

async function observedEpochs(
  view: SupervisorView,
  published:
    | { readonly snapshot: RoutingSnapshot; readonly epochs: ReadonlyMap<string, number> }
    | undefined,
): Promise<ObservedServing['epochs']> {
  const gateways = view.children.flatMap((child) =>
    child.kind === 'gateway' && child.socketPath ? [child.socketPath] : [],
  )
  const answers = await Promise.all(
    gateways.map((socketPath) =>
      callLocal({ socketPath, method: 'GET', path: '/routing' }).then(
        (answer) => (answer.body as { epoch: number | null }).epoch,
        () => null,
      ),
    ),
  )
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

async function lastSnapshot(path: string): Promise<RoutingSnapshot | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RoutingSnapshot
  } catch {
    return undefined
  }
}
