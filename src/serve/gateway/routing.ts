// The routing snapshot: everything a gateway knows about where traffic goes. Immutable, replaced as a whole, newer epoch wins.
import { z } from 'zod'
import { type Refusal, refuse } from '../../foundation/refusal.ts'

export interface RoutingSnapshot {
  readonly epoch: number
  readonly environments: readonly EnvironmentRoute[]
}

export interface EnvironmentRoute {
  readonly environment: string
  readonly port: number
  readonly models: readonly ModelRoute[]
}

export interface ModelRoute {
  readonly model: string
  /** Of the rollout; a new rollout gets a new salt, so the same keys are not the guinea pigs every time. */
  readonly salt: string
  readonly rolloutId: string | null
  readonly stable: RouteTarget | null
  readonly candidate: RouteTarget | null
  /** Share of the candidate in basis points, 0 to 10 000; the rest goes to stable. */
  readonly candidateBp: number
  /** Share of stable's requests that are also sent to the candidate, whose answers are dropped. */
  readonly mirrorBp: number
  /** Request header that holds the key of the split; `x-lockstep-key` when absent. */
  readonly stickyHeader?: string | undefined
}

export interface RouteTarget {
  readonly releaseId: string
  /** The release's number as clients see it: "7". */
  readonly release: string
  readonly replicas: readonly ReplicaRoute[]
}

export interface ReplicaRoute {
  readonly id: string
  readonly socketPath: string
}

const name = z.string().min(1).max(200)
const basisPoints = z.int().min(0).max(10_000)

const target = z.strictObject({
  releaseId: name,
  release: name,
  replicas: z.array(z.strictObject({ id: name, socketPath: z.string().min(1) })),
})

const snapshot = z.strictObject({
  epoch: z.int().min(0),
  environments: z.array(
    z.strictObject({
      environment: name,
      port: z.int().min(1).max(65_535),
      models: z.array(
        z.strictObject({
          model: name,
          salt: z.string(),
          rolloutId: name.nullable(),
          stable: target.nullable(),
          candidate: target.nullable(),
          candidateBp: basisPoints,
          mirrorBp: basisPoints,
          stickyHeader: name.optional(),
        }),
      ),
    }),
  ),
})

/** Reads a snapshot from JSON that was parsed already; the refusal names the place and what was found there. */
export function parseRoutingSnapshot(value: unknown): RoutingSnapshot | Refusal {
  const parsed = snapshot.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue?.path.join('.') || 'the snapshot'
    return refuse(
      'serve.routing_invalid',
      `${place}: ${issue?.message ?? 'not a routing snapshot'}`,
    )
  }
  const contradiction = findContradiction(parsed.data)
  return contradiction === undefined ? parsed.data : refuse('serve.routing_invalid', contradiction)
}

function findContradiction({ environments }: RoutingSnapshot): string | undefined {
  const twice =
    findTwice(
      'environment',
      environments.map((route) => route.environment),
    ) ??
    findTwice(
      'port',
      environments.map((route) => route.port),
    )
  if (twice !== undefined) return twice
  for (const { environment, models } of environments) {
    const again = findTwice(
      'model',
      models.map((route) => route.model),
    )
    if (again !== undefined) return `environment ${environment}: ${again}`
    for (const route of models) {
      const wrong = findModelContradiction(route)
      if (wrong !== undefined) return `environment ${environment}, model ${route.model}: ${wrong}`
    }
  }
  return undefined
}

function findModelContradiction(route: ModelRoute): string | undefined {
  const { candidate, candidateBp, mirrorBp, stable } = route
  if (candidate === null && candidateBp > 0) {
    return `candidateBp is ${candidateBp}, but there is no candidate`
  }
  if (candidate === null && mirrorBp > 0) {
    return `mirrorBp is ${mirrorBp}, but there is no candidate to mirror to`
  }
  if (candidate !== null && stable?.releaseId === candidate.releaseId) {
    return `release ${candidate.release} is both stable and candidate`
  }
  const ids = [...(stable?.replicas ?? []), ...(candidate?.replicas ?? [])].map(({ id }) => id)
  return findTwice('replica', ids)
}

function findTwice(what: string, values: readonly (string | number)[]): string | undefined {
  const seen = new Set<string | number>()
  for (const value of values) {
    if (seen.has(value)) return `${what} ${value} is named twice`
    seen.add(value)
  }
  return undefined
}
