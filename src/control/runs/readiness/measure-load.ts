// Load on a replica: arrivals on a schedule (latency), a bounded number in flight (throughput), and two models in turn (their
// ratio). A schedule does not wait for answers, so that queueing shows; what was sent late counts from when it was due.
import type { Clock } from '../../../foundation/clock.ts'
import { stopwatch } from '../../../foundation/system-clock.ts'
import type { ReplicaClient } from '../../../serve/runtime/replica-client.ts'
import type { PairedBlock } from '../../../verify/readiness/block-bounds.ts'
import {
  type LoadEvidence,
  lateMs,
  type RatioEvidence,
  type ThroughputEvidence,
} from '../../../verify/readiness/readiness-evidence.ts'
import type { LoadPlan } from './plan-readiness.ts'

export interface LoadTarget {
  readonly client: ReplicaClient
  /** Sent in turn, over and over; never empty. */
  readonly bodies: readonly Buffer[]
}

export interface LoadWorld {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Sent before, not counted: the first answers of a process pay for its compilation. */
const warmUpRequests = 50
const patienceMs = 5000

export async function measureLoad(
  target: LoadTarget,
  { ratePerSecond, durationMs }: LoadPlan,
  world: LoadWorld,
): Promise<LoadEvidence> {
  await openLoop(
    target,
    { ratePerSecond: Math.max(200, ratePerSecond), requests: warmUpRequests },
    world,
  )
  const requests = Math.max(1, Math.ceil((ratePerSecond * durationMs) / 1000))
  return { ratePerSecond, ...(await openLoop(target, { ratePerSecond, requests }, world)) }
}

interface Schedule {
  readonly ratePerSecond: number
  readonly requests: number
}

async function openLoop(
  { client, bodies }: LoadTarget,
  { ratePerSecond, requests }: Schedule,
  { clock, signal }: LoadWorld,
): Promise<Omit<LoadEvidence, 'ratePerSecond'>> {
  const latencyMs = new Float64Array(requests).fill(Number.POSITIVE_INFINITY)
  const dueAt = (request: number) => (request * 1000) / ratePerSecond
  const pending: Promise<void>[] = []
  const elapsed = stopwatch()
  let errors = 0
  let late = 0
  const send = async (request: number): Promise<void> => {
    const body = bodies[request % bodies.length]
    if (body === undefined) return
    if (elapsed() - dueAt(request) > lateMs) late++
    try {
      const { status } = await client.infer(body, { timeoutMs: patienceMs })
      if (status === 200) latencyMs[request] = elapsed() - dueAt(request)
      else errors++
    } catch {
      errors++
    }
  }
  for (let sent = 0; sent < requests; ) {
    signal.throwIfAborted()
    while (sent < requests && dueAt(sent) <= elapsed()) pending.push(send(sent++))
    if (sent < requests) await clock.sleep(Math.max(1, Math.floor(dueAt(sent) - elapsed())), signal)
  }
  await Promise.all(pending)
  return { latencyMs, errors, late }
}

const throughputBlocks = 20

export async function measureThroughput(
  { client, bodies }: LoadTarget,
  { concurrency, durationMs }: { readonly concurrency: number; readonly durationMs: number },
  { signal }: LoadWorld,
): Promise<ThroughputEvidence> {
  const blockMs = durationMs / throughputBlocks
  const answered = new Array<number>(throughputBlocks).fill(0)
  let errors = 0
  let next = 0
  const elapsed = stopwatch()
  // A first block fills the queue and is not counted.
  const lane = async (): Promise<void> => {
    while (elapsed() < durationMs + blockMs) {
      signal.throwIfAborted()
      const body = bodies[next++ % bodies.length]
      if (body === undefined) return
      const isAnswered = await client.infer(body, { timeoutMs: patienceMs }).then(
        ({ status }) => status === 200,
        () => false,
      )
      const block = Math.floor(elapsed() / blockMs) - 1
      if (block < 0 || block >= throughputBlocks) continue
      if (isAnswered) answered[block] = (answered[block] ?? 0) + 1
      else errors++
      // A process that is gone fails at once, over and over.
      if (!isAnswered && !client.connected) await client.connect()
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return { concurrency, blockMs, answered, errors }
}

const ratioBlocks = 10

/** Candidate and champion in the order A B B A, so that a machine that slows down slows both. */
export async function measureRatio(
  own: LoadTarget,
  reference: LoadTarget & { readonly release: string },
  { ratePerSecond, durationMs }: LoadPlan,
  world: LoadWorld,
): Promise<RatioEvidence> {
  const requests = Math.max(1, Math.ceil((ratePerSecond * durationMs) / 1000 / ratioBlocks))
  for (const target of [own, reference])
    await openLoop(target, { ratePerSecond: 200, requests: warmUpRequests }, world)
  const block = async (target: LoadTarget) =>
    (await openLoop(target, { ratePerSecond, requests }, world)).latencyMs
  const blocks: PairedBlock[] = []
  for (let at = 0; at < ratioBlocks; at++) {
    const isOwnFirst = at % 2 === 0
    const first = await block(isOwnFirst ? own : reference)
    const second = await block(isOwnFirst ? reference : own)
    blocks.push(isOwnFirst ? { own: first, reference: second } : { own: second, reference: first })
  }
  return { release: reference.release, ratePerSecond, blocks }
}
