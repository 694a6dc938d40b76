// The snapshot made ready for the hot path: looked up by port and model, with connections and counters in place.
// A request keeps the lane it was given; replacing the table never touches requests on their way.
import type { EvidenceArm, EvidenceSlot } from './evidence.ts'
import type { PooledReplica, ReplicaPool } from './replica-pool.ts'
import type { EnvironmentRoute, ModelRoute, RouteTarget, RoutingSnapshot } from './routing.ts'

export interface Lane {
  readonly releaseId: string
  readonly release: string
  readonly replicas: readonly PooledReplica[]
  readonly evidence: EvidenceSlot
}

export interface RoutedModel {
  readonly route: ModelRoute
  readonly environment: string
  readonly stickyHeader: string
  readonly stable: Lane | undefined
  readonly candidate: Lane | undefined
  readonly mirror: Lane | undefined
  /** By release number, for paths that name one. */
  readonly pinned: ReadonlyMap<string, Lane>
}

export interface RoutedEnvironment {
  readonly environment: string
  readonly models: ReadonlyMap<string, RoutedModel>
}

export interface RoutingTable {
  readonly epoch: number
  readonly byPort: ReadonlyMap<number, RoutedEnvironment>
}

export const defaultStickyHeader = 'x-lockstep-key'

export const emptyTable: RoutingTable = { epoch: -1, byPort: new Map() }

export function buildTable(snapshot: RoutingSnapshot, pool: ReplicaPool): RoutingTable {
  const routes = snapshot.environments
    .flatMap(({ models }) => models)
    .flatMap(({ stable, candidate }) => [
      ...(stable?.replicas ?? []),
      ...(candidate?.replicas ?? []),
    ])
  const pooled = pool.route(routes)
  const replicaAt = new Map(routes.map((route, index) => [route, pooled[index]]))
  const connect = (target: RouteTarget) =>
    target.replicas.map((route) => replicaAt.get(route)).filter((found) => found !== undefined)
  const byPort = snapshot.environments.map(
    (route) => [route.port, routeEnvironment(route, connect)] as const,
  )
  return { epoch: snapshot.epoch, byPort: new Map(byPort) }
}

type Connect = (target: RouteTarget) => readonly PooledReplica[]

function routeEnvironment(
  { environment, models }: EnvironmentRoute,
  connect: Connect,
): RoutedEnvironment {
  const routed = models.map(
    (route) => [route.model, routeModel(environment, route, connect)] as const,
  )
  return { environment, models: new Map(routed) }
}

function routeModel(environment: string, route: ModelRoute, connect: Connect): RoutedModel {
  const laneOf = (target: RouteTarget | null, arm: EvidenceArm): Lane | undefined => {
    if (target === null) return undefined
    const { releaseId, release } = target
    const { model, rolloutId, candidateBp } = route
    const evidence = {
      ...{ environment, model, rolloutId, candidateBp, arm, releaseId },
      cell: undefined,
    }
    return { releaseId, release, replicas: connect(target), evidence }
  }
  const pinned = [laneOf(route.candidate, 'pinned'), laneOf(route.stable, 'pinned')]
  return {
    route,
    environment,
    stickyHeader: (route.stickyHeader ?? defaultStickyHeader).toLowerCase(),
    stable: laneOf(route.stable, 'stable'),
    candidate: laneOf(route.candidate, 'candidate'),
    mirror: laneOf(route.candidate, 'mirror'),
    pinned: new Map(
      pinned.filter((lane) => lane !== undefined).map((lane) => [lane.release, lane]),
    ),
  }
}

export function isReachable(lane: Lane | undefined): boolean {
  return lane?.replicas.some((replica) => replica.client.connected) ?? false
}

/** The lane that answers a request without a key in most cases: what metadata and readiness are about. */
export function mainLane(model: RoutedModel): Lane | undefined {
  return model.stable ?? model.candidate
}
