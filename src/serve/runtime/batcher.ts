// Dynamic batching by rows: run at once when the model is idle, otherwise run together what queued up meanwhile.
// Never waits for company (Triton's default rule): a lone request pays nothing. A batch that fails is tried again
// member by member, so one poison row cannot fail its neighbours.
import { stopwatch } from '../../foundation/system-clock.ts'
import type { Tensor } from '../protocol/tensor.ts'
import { joinTensors, splitTensors } from './tensor-rows.ts'

export interface QueueEntry {
  readonly inputs: readonly Tensor[]
  /** Rows of every input, or undefined when this request must run alone. */
  readonly rows: number | undefined
  settle(outcome: EntryOutcome): void
}

export type EntryOutcome =
  | { readonly outputs: readonly Tensor[]; readonly computeUs: number }
  | { readonly failed: string; readonly computeUs: number }

export interface BatcherOptions {
  readonly run: (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>
  readonly maxRows: number
  /** Entries that may wait; the next one is turned away. */
  readonly maxQueued: number
}

export interface Batcher {
  /** False when the queue is full: the entry was not taken. */
  submit(entry: QueueEntry): boolean
  /** Resolves when nothing is queued or running. */
  idle(): Promise<void>
}

export function createBatcher(options: BatcherOptions): Batcher {
  const queue: QueueEntry[] = []
  let running: Promise<void> | undefined

  const pump = async (): Promise<void> => {
    while (queue.length > 0) await runBatch(takeBatch(queue, options.maxRows), options.run)
    running = undefined
  }

  return {
    submit(entry) {
      if (queue.length >= options.maxQueued) return false
      queue.push(entry)
      // A microtask later, so that all requests of one read from the socket share the first run.
      running ??= Promise.resolve().then(pump)
      return true
    },
    idle: async () => {
      while (running !== undefined) await running
    },
  }
}

function takeBatch(queue: QueueEntry[], maxRows: number): readonly QueueEntry[] {
  const first = queue[0]
  let rows = first?.rows ?? maxRows
  let size = 1
  for (; size < queue.length; size++) {
    const next = queue[size]
    if (first === undefined || next?.rows === undefined) break
    if (rows + next.rows > maxRows || !sameRowShape(first.inputs, next.inputs)) break
    rows += next.rows
  }
  return queue.splice(0, size)
}

/** Names and datatypes were checked against the signature already; only free trailing dimensions can differ. */
function sameRowShape(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  for (let input = 0; input < a.length; input++) {
    const left = a[input]?.shape ?? []
    const right = b[input]?.shape ?? []
    if (left.length !== right.length) return false
    for (let axis = 1; axis < left.length; axis++) if (left[axis] !== right[axis]) return false
  }
  return true
}

async function runBatch(batch: readonly QueueEntry[], run: BatcherOptions['run']): Promise<void> {
  const elapsed = stopwatch()
  const [alone] = batch
  try {
    if (batch.length === 1 && alone !== undefined) {
      const outputs = await run(alone.inputs)
      alone.settle({ outputs, computeUs: toUs(elapsed()) })
      return
    }
    const rows = batch.map((entry) => entry.rows ?? 0)
    const joined = await run(joinTensors(batch.map((entry) => entry.inputs)))
    const split = splitTensors(joined, rows)
    if (split === undefined) throw new Error('the outputs have other rows than the inputs')
    const computeUs = toUs(elapsed())
    for (const [index, entry] of batch.entries()) {
      entry.settle({ outputs: split[index] ?? [], computeUs })
    }
  } catch (error) {
    if (batch.length === 1) {
      alone?.settle({ failed: modelSentence(error), computeUs: toUs(elapsed()) })
    } else {
      for (const entry of batch) await runBatch([entry], run)
    }
  }
}

function toUs(ms: number): number {
  return Math.round(ms * 1000)
}

function modelSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
