// What one environment runs for one model: the stable release, a candidate on its way, and how traffic is split between them.
// Its `rolloutId` is the lane: the transaction that starts a promotion claims it here, so two can never start at once.
import { assert } from '../../foundation/assert.ts'
import type { Instant } from '../../foundation/clock.ts'
import { type Actor, type Change, defineKind, type StoredObject } from '../../store/object.ts'

export interface ReleaseRef {
  readonly releaseId: string
  readonly number: number
}

/** Stops automatic promotion into this environment until a person clears it. */
export interface Hold {
  readonly since: Instant
  readonly because: string
  readonly actor: Actor
}

interface DeploymentFields extends StoredObject {
  readonly environment: string
  /** What served before, kept warm so that rolling back is one pointer write. Null once it is no longer warm. */
  readonly previous: ReleaseRef | null
  readonly candidate: ReleaseRef | null
  /** Have no traffic any more; their replicas stay until every gateway has seen that. */
  readonly leaving: readonly ReleaseRef[]
  /** The candidate's share of answers in basis points; stable gets the rest. */
  readonly candidateBp: number
  /** The share of requests copied to the candidate; its answers go nowhere. */
  readonly mirrorBp: number
  readonly salt: string
  /** Increments whenever routing changes; gateways report the epoch they have applied. */
  readonly epoch: number
  readonly rolloutId: string | null
  readonly hold: Hold | null
  /** Until when `previous` is kept warm; null for as long as it is `previous`. */
  readonly warmUntil: Instant | null
}

export interface EmptyDeployment extends DeploymentFields {
  readonly phase: 'empty'
  readonly stable: null
}

export interface ServingDeployment extends DeploymentFields {
  readonly phase: 'serving'
  readonly stable: ReleaseRef
}

export type Deployment = EmptyDeployment | ServingDeployment

/** Neither phase ends by itself: the owner is whoever promotes, so neither needs a deadline. */
export const deploymentKind = defineKind<Deployment>({
  name: 'deployment',
  transitions: { empty: ['serving'], serving: ['empty'] },
  initial: ['empty'],
})

export function deploymentId(model: string, environment: string): string {
  return `deployment_${model}@${environment}`
}

/** Where every environment starts: nothing serves, epoch 1. */
export function createDeployment(model: string, environment: string): Change<Deployment> {
  return {
    kind: deploymentKind,
    expect: null,
    object: {
      id: deploymentId(model, environment),
      phase: 'empty',
      model,
      environment,
      parentId: null,
      number: null,
      wakeAt: null,
      stable: null,
      previous: null,
      candidate: null,
      leaving: [],
      candidateBp: 0,
      mirrorBp: 0,
      salt: 'none',
      epoch: 1,
      rolloutId: null,
      hold: null,
      warmUntil: null,
    },
    event: {
      type: 'deployment.created',
      actor: 'system:loop',
      because: `'${environment}' is declared and serves nothing yet for '${model}'`,
    },
  }
}

/** Shares of answers per arm; they sum to 10 000 unless nothing serves at all. */
export function splitOf(deployment: Pick<Deployment, 'stable' | 'candidateBp'>): {
  readonly stableBp: number
  readonly candidateBp: number
} {
  const { candidateBp } = deployment
  return { stableBp: deployment.stable === null ? 0 : 10_000 - candidateBp, candidateBp }
}

/** For sentences: `release 3`, or `nothing`. */
export function spoken(release: ReleaseRef | null): string {
  return release === null ? 'nothing' : `release ${release.number}`
}

type Routing = Omit<Deployment, 'revision' | 'createdAt' | 'updatedAt'>

/** The invariant of this object; every change of routing passes here. */
export function checkRouting(deployment: Routing): void {
  const { id, stable, candidate, candidateBp, mirrorBp, rolloutId } = deployment
  const isShare = (bp: number) => Number.isInteger(bp) && bp >= 0 && bp <= 10_000
  assert(isShare(candidateBp), `${id}: the candidate's share ${candidateBp} is not 0 to 10000 bp`)
  assert(isShare(mirrorBp), `${id}: the mirror share ${mirrorBp} is not 0 to 10000 bp`)
  assert(
    candidate !== null || (candidateBp === 0 && mirrorBp === 0),
    `${id}: traffic is meant for a candidate that does not exist`,
  )
  assert(
    candidate === null || rolloutId !== null,
    `${id}: a candidate belongs to the rollout that holds the lane`,
  )
  assert(
    stable !== null || candidateBp === 0 || candidateBp === 10_000,
    `${id}: ${10_000 - candidateBp} bp of traffic would go to a stable release that does not exist`,
  )
  assert(
    mirrorBp === 0 || (candidateBp === 0 && stable !== null),
    `${id}: a mirrored candidate must not answer, and someone else must`,
  )
  assert(
    (deployment.phase === 'serving') === (stable !== null),
    `${id}: phase '${deployment.phase}' contradicts its stable release`,
  )
}
