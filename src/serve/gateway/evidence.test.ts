import { describe, expect, it } from 'vitest'
import { countOf, EvidenceCounter, type EvidenceSlot, type Outcome } from './evidence.ts'
import { latencyBucket, latencyEdgesMs, latencyQuantile } from './latency-buckets.ts'

const minute = 1_700_000_040_000 - (1_700_000_040_000 % 60_000)
const slot = (releaseId = 'rel_1'): EvidenceSlot => ({
  ...{ environment: 'production', model: 'm', rolloutId: 'rlt_1', candidateBp: 500 },
  ...{ arm: 'candidate', releaseId, cell: undefined },
})
const seen = (outcome: Outcome, at: number) => ({
  outcome,
  at,
  elapsedMs: 2,
  rows: 1,
  answered: true,
})

describe('evidence', () => {
  it('tells the model’s errors from the caller’s and from nobody’s', () => {
    const counter = new EvidenceCounter()
    const here = slot()
    const outcomes: Outcome[] = ['ok', 'error', 'client_error', 'unavailable', 'error']
    for (const [at, outcome] of outcomes.entries()) counter.record(here, seen(outcome, minute + at))
    expect(counter.take().cells.map(countOf)).toEqual([
      expect.objectContaining({
        ...{ requests: 5, errors: 2, clientErrors: 1, unavailable: 1, rows: 1, minute },
        ...{ firstErrorAt: minute + 1, lastErrorAt: minute + 4, lastAnswerAt: minute + 4 },
        latency: [[latencyBucket(2), 3]],
      }),
    ])
    expect(counter.isEmpty).toBe(true)
  })

  it('loses nothing when a segment could not be written', () => {
    const counter = new EvidenceCounter()
    const here = slot()
    counter.record(here, seen('error', minute + 5))
    const taken = counter.take()
    counter.record(here, seen('ok', minute + 9))
    counter.record(here, seen('ok', minute + 60_000))
    counter.restore(taken)
    counter.record(here, seen('ok', minute + 10))
    const counts = counter.take().cells.map(countOf)
    expect(
      counts.map(({ minute: at, requests, errors }) => [at - minute, requests, errors]),
    ).toEqual([
      [0, 3, 1],
      [60_000, 1, 0],
    ])
  })

  it('keeps a bounded number of cells and says how many it lost', () => {
    const counter = new EvidenceCounter()
    for (let release = 0; release < 10_003; release++)
      counter.record(slot(`rel_${release}`), seen('ok', minute))
    const { cells, dropped } = counter.take()
    expect([cells.length, dropped]).toEqual([10_000, 3])
  })
})

it('a latency falls into the bucket whose edge is the first not below it', () => {
  for (const ms of [0, 0.05, 0.051, 1, 2, 9.99, 5000, 1e9]) {
    const bucket = latencyBucket(ms)
    const edge = latencyEdgesMs[bucket] ?? Number.POSITIVE_INFINITY
    expect(edge).toBeGreaterThanOrEqual(ms * (1 - 1e-9))
    if (bucket > 0) expect(latencyEdgesMs[bucket - 1]).toBeLessThan(ms)
  }
  for (const [bucket, edge] of latencyEdgesMs.entries()) expect(latencyBucket(edge)).toBe(bucket)
  expect(
    latencyQuantile(
      [
        [latencyBucket(1), 99],
        [latencyBucket(100), 1],
      ],
      0.5,
    ),
  ).toBeCloseTo(1, 0)
})
