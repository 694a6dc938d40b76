// The replica by itself: what it loads, what it refuses to load, and scoring rows through it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../src/foundation/logger.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { startReplica } from '../../../src/serve/runtime/replica.ts'
import { connectReplica, type ReplicaClient } from '../../../src/serve/runtime/replica-client.ts'
import { scoreRows } from '../../../src/serve/runtime/score-rows.ts'
import { modelsFolder, Stage, tensor } from './stage.ts'

let stage: Stage
let clients: ReplicaClient[]
beforeEach(async () => {
  stage = await Stage.open()
  clients = []
})
afterEach(async () => {
  for (const client of clients) client.close()
  await stage.close()
})

async function serve(model: string): Promise<ReplicaClient> {
  const { replicas } = await stage.replica(model, '1')
  const client = connectReplica(replicas[0]?.socketPath ?? '')
  clients.push(client)
  return client
}

const startWith = (modelPath: string, digest: `sha256:${string}`) =>
  startReplica({
    ...{ modelPath, digest, modelName: 'm', release: '1', releaseId: 'rel_1' },
    ...{ socketPath: join(stage.folder, 'r.sock'), clock: systemClock, logger: silentLogger },
  })

describe('loading', () => {
  it('refuses a file whose digest is not the sealed one', async () => {
    const path = join(modelsFolder, 'adder.onnx')
    await expect(startWith(path, `sha256:${'0'.repeat(64)}`)).rejects.toMatchObject({
      code: 'serve.digest_mismatch',
      message: expect.stringContaining('but the release was sealed with 000000000000'),
    })
  })

  it('refuses a file that is no ONNX model, with its path', async () => {
    const path = join(stage.folder, 'model.onnx')
    await writeFile(path, 'hello')
    const digest = 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
    await expect(startWith(path, digest)).rejects.toThrow(
      `model file ${path} is not a readable ONNX model`,
    )
  })
})

describe('answering', () => {
  it('takes and gives text, and echoes the id of the request', async () => {
    const labeller = await serve('labeller')
    const body = JSON.stringify({ id: 'mine', inputs: [tensor('colour', 'BYTES', ['red', 'x'])] })
    const answer = await labeller.infer(Buffer.from(body))
    expect(answer).toMatchObject({ status: 200, rows: 2 })
    expect(JSON.parse(answer.body.toString())).toMatchObject({
      id: 'mine',
      outputs: [{ datatype: 'BYTES', shape: [2, 1], data: ['warm', 'unknown'] }],
    })
  })

  it('never joins requests of a model that mixes its rows', async () => {
    const reducer = await serve('reducer')
    expect((await reducer.metadata()).batchable).toBe(false)
    const totals = await Promise.all(
      [1, 2, 3].map(async (value) => {
        const body = JSON.stringify({ inputs: [tensor('x', 'FP32', [value, 10])] })
        const answer = await reducer.infer(Buffer.from(body))
        return (JSON.parse(answer.body.toString()) as { outputs: { data: number[] }[] }).outputs[0]
          ?.data[0]
      }),
    )
    expect(totals).toEqual([11, 12, 13])
  })

  it('is not ready while it drains, and tells its callers when it is gone', async () => {
    const adder = await serve('adder')
    expect(await adder.ready()).toBe(true)
    await adder.shutdown()
    expect(await adder.ready()).toBe(false)
    await expect(adder.infer(Buffer.from('{}'))).rejects.toMatchObject({
      code: expect.stringMatching(/^serve\.(unreachable|connection_lost)$/),
    })
  })
})

describe('scoring rows', () => {
  const columns = {
    age: { name: 'age', values: [40, null, 20] },
    hours: { name: 'hours', values: [40, 10n, 60] },
    job: { name: 'job', values: ['engineer', 'clerk', 'poet'] },
  }

  it('gives the score and the label of each row, in order, whatever the batch size', async () => {
    const client = await serve('classifier')
    const signature = await client.metadata()
    const all = { signature, columns: Object.values(columns) }
    const whole = await scoreRows(client, all)
    // softmax(0.02 age + 0.01 hours + 0.9 job - 1.1), by hand: 1 / (1 + exp(-z)).
    const z = [0.8 + 0.4 + 0.9 - 1.1, Number.NaN, 0.4 + 0.6 - 1.1]
    expect(whole.scores[0]).toBeCloseTo(1 / (1 + Math.exp(-(z[0] ?? 0))), 6)
    expect(whole.scores[1]).toBeNaN()
    expect(whole.scores[2]).toBeCloseTo(1 / (1 + Math.exp(-(z[2] ?? 0))), 6)
    expect(whole.labels?.[0]).toBe(1)
    expect(await scoreRows(client, { ...all, batchRows: 1 })).toEqual(whole)
  })

  it('names the column and row of a value the model cannot take', async () => {
    const client = await serve('classifier')
    const signature = await client.metadata()
    const hours = { name: 'hours', values: [40, 10.5, 60] }
    await expect(
      scoreRows(client, { signature, columns: [columns.age, hours, columns.job] }),
    ).rejects.toThrow('column "hours", row 1: 10.5 is not a INT64')
    await expect(
      scoreRows(client, { signature, columns: [columns.age, columns.job] }),
    ).rejects.toThrow('the model takes column "hours", and the rows have only age, job')
  })
})
