import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  answerFrame,
  frameReader,
  questionHead,
  readAnswer,
  readQuestion,
  smallestAnswer,
  smallestQuestion,
} from './frames.ts'

it('frames survive any way the stream is cut', () => {
  const bodies = fc.array(fc.string({ maxLength: 50, unit: 'binary' }), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 40 }), (texts, step) => {
      const stream = Buffer.concat(
        texts.flatMap((text, at) => [
          questionHead(at, 1, `p-${at}`, Buffer.byteLength(text)),
          Buffer.from(text),
        ]),
      )
      const seen: [number, string, string][] = []
      const read = frameReader(smallestQuestion, (frame) => {
        const { id, label, body } = readQuestion(frame)
        seen.push([id, label, body.toString()])
      })
      for (let at = 0; at < stream.length; at += step) {
        expect(read(stream.subarray(at, at + step))).toBe(true)
      }
      expect(seen).toEqual(texts.map((text, at) => [at, `p-${at}`, Buffer.from(text).toString()]))
    }),
  )
})

it('an answer comes back as it was written', () => {
  const answer = { id: 7, status: 504, rows: 3, computeUs: 99, body: 'grüße' }
  const seen: unknown[] = []
  frameReader(smallestAnswer, (frame) => {
    const { body, ...rest } = readAnswer(frame)
    seen.push({ ...rest, body: body.toString() })
  })(answerFrame(answer))
  expect(seen).toEqual([answer])
})

it('a stream that makes no sense is given up', () => {
  const read = frameReader(smallestAnswer, () => {})
  expect(read(Buffer.from('GET / HTTP/1.1\r\n'))).toBe(false)
  expect(read(Buffer.alloc(100))).toBe(false)
})
