import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { ProgressView } from '../api/contract/route.ts'
import { readTold } from './told-lines.ts'

const streamOf = (...chunks: string[]) => Readable.from(chunks) as unknown as IncomingMessage
const progress: ProgressView = { sentence: 'sending', done: 5, total: 9, unit: 'bytes' }

test('tells each line, whatever the chunks, passes signs of life over, and ends with the answer', async () => {
  const heard: ProgressView[] = []
  const line = JSON.stringify({ told: progress })
  const answer = await readTold(
    streamOf(line.slice(0, 9), `${line.slice(9)}\n{}\n${line}\n{"ans`, 'wer":{"n":1}}\n'),
    (one) => heard.push(one),
  )
  expect(answer).toEqual({ status: 200, text: '{"n":1}' })
  expect(heard).toEqual([progress, progress])
})

test('a problem becomes the status it names', async () => {
  const problem = { status: 409, code: 'x.y', detail: 'no' }
  expect(await readTold(streamOf(`${JSON.stringify({ problem })}\n`), () => {})).toEqual({
    status: 409,
    text: JSON.stringify(problem),
  })
})

test('an end without an answer is a lost connection, never a success', async () => {
  await expect(readTold(streamOf('{}\n'), () => {})).rejects.toMatchObject({ code: 'ECONNRESET' })
})
