// One request to one release: least-loaded replica, a single retry inside the same release when the connection is lost
// before the answer, never past the deadline. A retry must not cross releases, or the evidence would lie.
import type { Answer } from '../runtime/frames.ts'
import type { NoAnswer } from '../runtime/replica-client.ts'
import { lease, leastLoaded, type ReplicaPool, release } from './replica-pool.ts'
import type { Lane } from './routing-table.ts'

export type Unanswered = 'no_replica' | 'lost_twice' | 'deadline' | 'saturated'

export interface Forwarding {
  readonly lane: Lane
  readonly body: Buffer
  readonly predictionId: string
  /** On the pool's clock. */
  readonly deadline: number
  /** Called exactly once. */
  readonly settle: (outcome: Answer | Unanswered) => void
}

export function forward(pool: ReplicaPool, forwarding: Forwarding): void {
  const { lane, body, predictionId, deadline, settle } = forwarding
  lease(lane.replicas)
  let losses = 0

  const finish = (outcome: Answer | Unanswered): void => {
    release(lane.replicas)
    settle(outcome)
  }
  const attempt = () => {
    const timeoutMs = deadline - pool.elapsedMs()
    if (timeoutMs <= 0) return finish(losses > 0 ? 'deadline' : 'no_replica')
    const replica = leastLoaded(lane.replicas)
    if (replica === undefined) return waitForReplica()
    replica.client.submit({ body, predictionId, timeoutMs }, (outcome) => {
      if (typeof outcome === 'string') recover(outcome)
      else finish(outcome)
    })
  }
  const recover = (why: NoAnswer) => {
    if (why === 'serve.timeout') return finish('deadline')
    if (why === 'serve.too_many_in_flight') return finish('saturated')
    if (why === 'serve.connection_lost') {
      losses++
      if (losses > 1) return finish('lost_twice')
    }
    attempt()
  }
  const waitForReplica = () => {
    const { replicas } = lane
    if (replicas.length === 0) return finish('no_replica')
    const resume = (connected: boolean): void => {
      if (connected) attempt()
      else finish('no_replica')
    }
    if (!pool.wait({ replicas, deadline, resume })) finish('saturated')
  }
  attempt()
}
