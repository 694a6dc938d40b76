import { describe, expect, it } from 'vitest'
import { randomStream } from '../../foundation/random.ts'
import { boundQuantileRatio, boundRate } from './block-bounds.ts'
import { compareAnswers } from './compare-answers.ts'
import { compareGolden, parseGoldenFile, writeGoldenFile } from './golden-requests.ts'
import {
  type AnswerTensor,
  breakingChanges,
  classOrder,
  faultsOfAnswer,
  reorderedClasses,
  type SignatureShape,
} from './model-signature.ts'
import { boundQuantile, fewestForQuantile } from './quantile-bounds.ts'
import type { ReadinessEvidence } from './readiness-evidence.ts'
import { type ReadinessSubject, readinessStatistics } from './readiness-statistics.ts'

describe('bounds of a latency quantile', () => {
  const rising = (n: number) => Float64Array.from({ length: n }, (_, at) => at + 1)

  it('p99 at 95 % needs 299 values to have an upper bound at all', () => {
    expect(fewestForQuantile(0.99, 0.95)).toBe(299)
    expect(boundQuantile(rising(298), 0.99, 0.95).upper).toBeNull()
    expect(boundQuantile(rising(299), 0.99, 0.95).upper).toBe(299)
  })

  it('the largest of five starts bounds the median, and not of four', () => {
    expect(boundQuantile(rising(5), 0.5, 0.95)).toMatchObject({ upper: 5, ranks: { upper: 5 } })
    expect(boundQuantile(rising(4), 0.5, 0.95).upper).toBeNull()
  })

  it('what was never answered took longer than everything', () => {
    const mostly = Float64Array.from({ length: 100 }, (_, at) => (at < 60 ? at : Infinity))
    const { estimate, lower, upper } = boundQuantile(mostly, 0.5, 0.95)
    expect([estimate, lower, upper]).toEqual([49, 41, 58])
    expect(boundQuantile(mostly, 0.9, 0.95).lower).toBe('never')
  })

  it('covers the true quantile as often as promised', () => {
    const random = randomStream(4, 'latency')
    let covered = 0
    for (let trial = 0; trial < 400; trial++) {
      const values = Float64Array.from({ length: 1000 }, () => -Math.log(1 - random.next()))
      const { upper } = boundQuantile(values, 0.95, 0.95)
      if (Number(upper ?? 0) >= -Math.log(0.05)) covered++
    }
    expect(covered / 400).toBeGreaterThan(0.93)
  })

  it('knows nothing without values', () => {
    const { estimate, lower, upper } = boundQuantile(new Float64Array(), 0.99, 0.95)
    expect([estimate, lower, upper]).toEqual([null, null, null])
  })
})

describe('bounds from blocks of time', () => {
  it('a steady machine has tight bounds, an uneven one wide ones, a short look none', () => {
    const steady = boundRate(new Array(20).fill(50), 50, 0.95)
    expect(steady).toEqual({ estimate: 1000, lower: 1000, upper: 1000 })
    const uneven = boundRate([...new Array(10).fill(90), ...new Array(10).fill(10)], 50, 0.95)
    expect(uneven?.lower).toBeLessThan(800)
    expect(boundRate([50, 50, 50], 50, 0.95)).toBeUndefined()
  })

  it('the same counts give the same bounds', () => {
    const counts = [44, 51, 48, 60, 39, 52, 47]
    expect(boundRate(counts, 50, 0.95)).toEqual(boundRate(counts, 50, 0.95))
  })

  it('two equal models have a ratio around one, and a model twice as slow one around two', () => {
    const random = randomStream(9, 'ratio')
    const draw = (mean: number) =>
      Float64Array.from({ length: 100 }, () => mean * (1 - Math.log(1 - random.next())))
    const blocks = (own: number) =>
      Array.from({ length: 10 }, () => ({ own: draw(own), reference: draw(2) }))
    const same = boundQuantileRatio(blocks(2), 0.9, 0.95)
    expect(same?.lower).toBeLessThan(1)
    expect(same?.upper).toBeGreaterThan(1)
    const slow = boundQuantileRatio(blocks(4), 0.9, 0.95)
    expect(slow?.lower).toBeGreaterThan(1.5)
    expect(slow?.upper).toBeLessThan(2.6)
  })
})

const tensor = (name: string, datatype: string, shape: readonly number[]) => ({
  name,
  datatype,
  shape,
})

const signature: SignatureShape = {
  inputs: [tensor('age', 'FP32', [-1, 1]), tensor('job', 'BYTES', [-1, 1])],
  outputs: [tensor('label', 'INT64', [-1]), tensor('probabilities', 'FP32', [-1, 2])],
}

describe('a signature', () => {
  const answer: AnswerTensor[] = [
    { ...tensor('label', 'INT64', [1]), data: [1] },
    { ...tensor('probabilities', 'FP32', [1, 2]), data: [0.2, 0.8] },
  ]

  it('is honoured by answers of its types and shapes, and by no others', () => {
    expect(faultsOfAnswer(signature, answer, 1)).toEqual([])
    const [label, scores] = answer
    if (!label || !scores) throw new Error('no answer')
    expect(faultsOfAnswer(signature, [{ ...label, datatype: 'INT32' }], 1)).toEqual([
      'output label is declared INT64 and answered INT32',
      'output probabilities is not in the answer',
    ])
    const wide = { ...scores, shape: [1, 3], data: [0.1, 0.2, 0.7] }
    expect(faultsOfAnswer(signature, [label, wide], 1)).toEqual([
      'output probabilities is declared [-1, 2] and answered [1, 3] for 1 row',
    ])
    expect(faultsOfAnswer(signature, answer, 2)).toHaveLength(2)
  })

  it('may lose an input and gain an output; nothing else goes unnoticed', () => {
    const [age, job] = signature.inputs
    const [label, scores] = signature.outputs
    if (!age || !job || !label || !scores) throw new Error('no signature')
    const changed = (inputs: typeof signature.inputs, outputs = signature.outputs) =>
      breakingChanges({ inputs, outputs }, signature)
    const more = [...signature.outputs, tensor('reason', 'BYTES', [-1])]
    expect(changed([age], more)).toEqual([])
    expect(changed([age, job, tensor('city', 'BYTES', [-1, 1])])).toEqual([
      'input city is new, and its callers do not send it',
    ])
    expect(changed([{ ...age, datatype: 'INT64' }])).toEqual(['input age was FP32 and is INT64'])
    expect(changed([age], [scores])).toEqual(['output label is gone'])
    expect(changed([age], [label, { ...scores, shape: [-1, 3] }])).toEqual([
      'output probabilities had shape [-1, 2] and has [-1, 3]',
    ])
  })

  it('shows the order of its classes in its answers', () => {
    const before = classOrder(['no', 'yes', 'no'], [0.9, 0.1, 0.2, 0.8, 0.7, 0.3])
    expect(before).toEqual(['no', 'yes'])
    const turned = classOrder(['yes', 'no'], [0.9, 0.1, 0.2, 0.8])
    expect(reorderedClasses(turned, before)).toEqual([
      'column 0 of the probabilities was class no and is class yes',
      'column 1 of the probabilities was class yes and is class no',
    ])
    // A threshold of its own: the largest probability does not decide the label, so nothing is known.
    expect(classOrder(['no', 'yes'], [0.9, 0.1, 0.8, 0.2])).toEqual([null, null])
  })
})

describe('answers compared', () => {
  it('numbers by their distance, labels by agreement', () => {
    const ask = (score: number | null, label: string): AnswerTensor[] => [
      { ...tensor('score', 'FP32', [1]), data: [score] },
      { ...tensor('label', 'BYTES', [1]), data: [label] },
    ]
    expect(compareAnswers(ask(0.5, 'a'), ask(0.5, 'a'), 1)).toMatchObject({
      ...{ maxDifference: 0, numbersDiffering: 0, labelsDiffering: 0 },
    })
    expect(compareAnswers(ask(0.5, 'a'), ask(0.75, 'b'), 1)).toMatchObject({
      ...{ maxDifference: 0.25, numbersDiffering: 1, labels: 1, labelsDiffering: 1 },
    })
    // No number on either side is the same answer; on one side only it is no distance at all.
    expect(compareAnswers(ask(null, 'a'), ask(null, 'a'), 1).maxDifference).toBe(0)
    expect(compareAnswers(ask(null, 'a'), ask(0.1, 'a'), 1).maxDifference).toBeNull()
    expect(compareAnswers(ask(0.1, 'a'), [], 1)).toMatchObject({
      ...{ maxDifference: null, labelsDiffering: 1 },
    })
  })
})

describe('golden requests', () => {
  const outputs: AnswerTensor[] = [{ ...tensor('score', 'FP32', [2]), data: [0.25, 0.5] }]
  const golden = { name: 'a clerk', request: { inputs: [] }, response: { outputs } }

  it('are read as they were written', () => {
    const text = writeGoldenFile([golden], 1e-5)
    expect(parseGoldenFile(text)).toEqual({ tolerance: 1e-5, requests: [golden] })
  })

  it.each([
    ['{', 'it is not JSON'],
    ['{"requests": []}', 'it needs requests'],
    ['{"tolerance": -1, "requests": [1]}', 'tolerance must be a number from 0 up, got -1'],
    ['{"requests": [{"name": "a", "request": {}}]}', 'requests[0]: request of a must be'],
    ['{"requests": [{"name": "a", "request": {"inputs": []}}]}', 'response of a must be'],
  ])('%s is refused', (text, because) => {
    expect(parseGoldenFile(text)).toContain(because)
  })

  it('say exactly where an answer differs', () => {
    const answer = (data: readonly unknown[], shape = [2]): AnswerTensor[] => [
      { ...tensor('score', 'FP32', shape), data },
    ]
    expect(compareGolden(golden, answer([0.25, 0.5]))).toBeUndefined()
    expect(compareGolden(golden, answer([0.26, 0.75]))).toEqual({
      request: 'a clerk',
      maxDifference: 0.25,
      because: 'score[1] was 0.5 and is 0.75',
    })
    expect(compareGolden(golden, answer([0.25], [1]))).toMatchObject({
      maxDifference: null,
      because: 'score had shape [2] and has [1]',
    })
    expect(compareGolden(golden, [])?.because).toBe('there is no output score')
  })
})

describe('what was not measured', () => {
  it('is null, with the reason where there is one, and never zero', () => {
    const evidence: ReadinessEvidence = {
      loadMs: Number.NaN,
      sizeBytes: 10,
      peakRssBytes: { unmeasured: 'there is no /proc here' },
    }
    const ask = (subject: ReadinessSubject) =>
      readinessStatistics({ subject, ratePerSecond: null }, evidence, 0.95)
    for (const what of ['loads', 'signature', 'deterministic', 'bad_input', 'growth'] as const)
      expect(ask({ what })).toEqual({ method: 'measured', value: null })
    expect(ask({ what: 'rss' })).toMatchObject({ value: null, because: 'there is no /proc here' })
    expect(ask({ what: 'size' })).toEqual({ method: 'measured', value: 10 })
  })
})
