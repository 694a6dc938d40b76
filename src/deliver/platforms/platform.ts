// What a platform does for delivery: make serving as desired, and say what is so. Two methods; the local machine is one, Kubernetes another.
import type { DesiredServing } from '../environments/desired-serving.ts'

export interface ObservedReplica {
  readonly id: string
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly phase: 'starting' | 'ready' | 'failed'
  readonly pid: number | null
  readonly restarts: number
  /** Why it is not ready, when the platform knows. */
  readonly because: string | null
}

export interface ObservedServing {
  readonly replicas: readonly ObservedReplica[]
  /** Per deployment (`model@environment`): the oldest routing epoch any gateway may still be using; null when none answers. */
  readonly epochs: ReadonlyMap<string, number | null>
}

export interface Platform {
  /** Idempotent: starts what is missing, moves traffic, and only then stops what nobody is routed to. */
  ensure(desired: DesiredServing): Promise<void>
  observe(): Promise<ObservedServing>
}

export function deploymentKey(model: string, environment: string): string {
  return `${model}@${environment}`
}
