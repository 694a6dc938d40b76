// The connections of one gateway worker to its replicas. A replica that left the routing keeps its connection until the
// last request that leased it is done; one that went away is tried again until it is back.
import { every, stopwatch } from '../../foundation/system-clock.ts'
import { connectReplica, type ReplicaClient } from '../runtime/replica-client.ts'
import type { ReplicaRoute } from './routing.ts'

export interface PooledReplica {
  readonly id: string
  readonly client: ReplicaClient
  /** Requests that may still be sent here. */
  leases: number
  /** No longer in the routing. */
  retired: boolean
  /** A connection is being tried. */
  reaching: boolean
}

export interface Waiter {
  readonly replicas: readonly PooledReplica[]
  /** On the pool's own clock, `elapsedMs()`. */
  readonly deadline: number
  /** Called once, with whether one of the replicas is connected now. */
  readonly resume: (connected: boolean) => void
}

const tickMs = 20
const maxWaiting = 10_000

export class ReplicaPool {
  readonly #byRoute = new Map<string, PooledReplica>()
  /** Milliseconds on a clock that never jumps. */
  readonly elapsedMs = stopwatch()
  readonly #stopTicks: () => void
  #waiting: Waiter[] = []
  #closed = false

  constructor() {
    this.#stopTicks = every(tickMs, () => this.#tick())
  }

  /** Replaces the set of routed replicas; connections of those that stay are kept. */
  route(routes: readonly ReplicaRoute[]): readonly PooledReplica[] {
    const wanted = new Set(routes.map(keyOf))
    for (const [key, replica] of this.#byRoute) {
      if (wanted.has(key)) continue
      this.#byRoute.delete(key)
      replica.retired = true
      if (replica.leases === 0) replica.client.close()
    }
    return routes.map((route) => this.#byRoute.get(keyOf(route)) ?? this.#add(route))
  }

  list(): readonly PooledReplica[] {
    return [...this.#byRoute.values()]
  }

  /** False when too many wait already, or the pool is closed. */
  wait(waiter: Waiter): boolean {
    if (this.#closed || this.#waiting.length >= maxWaiting) return false
    this.#waiting.push(waiter)
    return true
  }

  close(): void {
    this.#closed = true
    this.#stopTicks()
    const waiting = this.#waiting
    this.#waiting = []
    for (const waiter of waiting) waiter.resume(false)
    for (const replica of this.#byRoute.values()) replica.client.close()
    this.#byRoute.clear()
  }

  #add(route: ReplicaRoute): PooledReplica {
    const client = connectReplica(route.socketPath)
    const replica = { id: route.id, client, leases: 0, retired: false, reaching: false }
    this.#byRoute.set(keyOf(route), replica)
    this.#reach(replica)
    return replica
  }

  #reach(replica: PooledReplica): void {
    if (replica.reaching) return
    replica.reaching = true
    void replica.client.connect().then((connected) => {
      replica.reaching = false
      if (connected && this.#waiting.length > 0) this.#wake()
    })
  }

  #tick(): void {
    for (const replica of this.#byRoute.values()) {
      if (!replica.client.connected) this.#reach(replica)
    }
    if (this.#waiting.length > 0) this.#wake()
  }

  #wake(): void {
    const now = this.elapsedMs()
    const waiting = this.#waiting
    this.#waiting = []
    for (const waiter of waiting) {
      const connected = waiter.replicas.some((replica) => replica.client.connected)
      if (connected || waiter.deadline <= now) waiter.resume(connected)
      else this.#waiting.push(waiter)
    }
  }
}

export function lease(replicas: readonly PooledReplica[]): void {
  for (const replica of replicas) replica.leases++
}

export function release(replicas: readonly PooledReplica[]): void {
  for (const replica of replicas) {
    replica.leases--
    if (replica.retired && replica.leases === 0) replica.client.close()
  }
}

/** With the few replicas of one machine a full scan beats drawing two at random. */
export function leastLoaded(replicas: readonly PooledReplica[]): PooledReplica | undefined {
  let best: PooledReplica | undefined
  for (const replica of replicas) {
    const { client } = replica
    if (!client.connected) continue
    if (best === undefined || client.inFlight < best.client.inFlight) best = replica
  }
  return best
}

function keyOf({ id, socketPath }: ReplicaRoute): string {
  return `${id}\u0000${socketPath}`
}
