// Mirrored requests: sent to the candidate after the client has its answer, counted, and their answers dropped.
// Bounded by what is on its way at once; more is dropped, because a shadow may never slow the light.
import type { Clock } from '../../foundation/clock.ts'
import type { EvidenceCounter } from './evidence.ts'
import { forward } from './forward.ts'
import { judge } from './judge.ts'
import type { ReplicaPool } from './replica-pool.ts'
import { isReachable, type Lane } from './routing-table.ts'

const maxMirrored = 64

export interface MirrorParts {
  readonly pool: ReplicaPool
  readonly evidence: EvidenceCounter
  readonly clock: Clock
  readonly deadlineMs: number
}

export class Mirror {
  readonly #pool: ReplicaPool
  readonly #evidence: EvidenceCounter
  readonly #clock: Clock
  readonly #deadlineMs: number
  #inFlight = 0
  #dropped = 0

  constructor(parts: MirrorParts) {
    this.#pool = parts.pool
    this.#evidence = parts.evidence
    this.#clock = parts.clock
    this.#deadlineMs = parts.deadlineMs
  }

  get inFlight(): number {
    return this.#inFlight
  }

  send(lane: Lane, body: Buffer, predictionId: string): void {
    if (this.#inFlight >= maxMirrored || !isReachable(lane)) {
      this.#dropped++
      return
    }
    this.#inFlight++
    const start = this.#pool.elapsedMs()
    forward(this.#pool, {
      lane,
      body,
      predictionId,
      deadline: start + this.#deadlineMs,
      settle: (outcome) => {
        this.#inFlight--
        const { outcome: kind, answered, rows } = judge(outcome)
        const elapsedMs = this.#pool.elapsedMs() - start
        const at = this.#clock.now()
        this.#evidence.record(lane.evidence, { outcome: kind, at, elapsedMs, rows, answered })
      },
    })
  }

  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  addDropped(count: number): void {
    this.#dropped += count
  }
}
