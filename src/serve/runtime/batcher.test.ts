import { describe, expect, it } from 'vitest'
import type { Tensor } from '../protocol/tensor.ts'
import { createBatcher, type EntryOutcome } from './batcher.ts'

const column = (values: readonly number[]): Tensor => ({
  ...{ name: 'x', datatype: 'FP32', shape: [values.length, 1] },
  values: Float32Array.from(values),
})

/** A model that doubles, raises on 13, and remembers the rows of each run. */
function doubler() {
  const runs: number[] = []
  const run = async ([input]: readonly Tensor[]): Promise<readonly Tensor[]> => {
    const values = Array.from((input?.values ?? []) as Float32Array)
    runs.push(values.length)
    await new Promise((resolve) => setImmediate(resolve))
    if (values.includes(13)) throw new Error('unlucky')
    return [column(values.map((value) => value * 2))]
  }
  return { run, runs }
}

function submitAll(
  batcher: ReturnType<typeof createBatcher>,
  requests: readonly (readonly number[])[],
): Promise<readonly EntryOutcome[]> {
  return Promise.all(
    requests.map(
      (values) =>
        new Promise<EntryOutcome>((settle) => {
          batcher.submit({ inputs: [column(values)], rows: values.length, settle })
        }),
    ),
  )
}

const shown = (outcome: EntryOutcome) =>
  'failed' in outcome
    ? outcome.failed
    : Array.from((outcome.outputs[0]?.values ?? []) as Float32Array)

describe('batching', () => {
  it('runs together what is there, up to the row limit, and gives each its own rows', async () => {
    const { run, runs } = doubler()
    const batcher = createBatcher({ run, maxRows: 4, maxQueued: 100 })
    const outcomes = await submitAll(batcher, [[1], [2, 3], [4], [5], [6, 7, 8, 9, 10]])
    expect(outcomes.map(shown)).toEqual([[2], [4, 6], [8], [10], [12, 14, 16, 18, 20]])
    expect(runs).toEqual([4, 1, 5])
  })

  it('tries a failed batch member by member, so only the poison row fails', async () => {
    const { run } = doubler()
    const batcher = createBatcher({ run, maxRows: 100, maxQueued: 100 })
    const outcomes = await submitAll(batcher, [[1], [13], [2]])
    expect(outcomes.map(shown)).toEqual([[2], 'unlucky', [4]])
  })

  it('turns requests away when the queue is full', async () => {
    const { run } = doubler()
    const batcher = createBatcher({ run, maxRows: 1, maxQueued: 2 })
    const settle = () => {}
    const submit = () => batcher.submit({ inputs: [column([1])], rows: 1, settle })
    expect([submit(), submit(), submit()]).toEqual([true, true, false])
    await batcher.idle()
    expect(submit()).toBe(true)
    await batcher.idle()
  })
})
