import { describe, expect, it } from 'vitest'
import { randomStream } from '../../foundation/random.ts'
import { expectedCalibrationError } from './expected-calibration.ts'
import { metricFor } from './metric.ts'
import type { BinaryScored } from './scored.ts'

describe('calibration', () => {
  const random = randomStream(3, 'calibration')
  const rows = (count: number): BinaryScored => {
    const scores = Float64Array.from({ length: count }, () => random.next())
    const labels = Uint8Array.from(scores, (score) => (random.next() < score ? 1 : 0))
    return { task: 'binary', labels, scores, threshold: 0.5 }
  }
  const ece = metricFor('binary', 'ece@15u')

  it('of a perfect model is not 0, and its expected error says how much few rows make', () => {
    const few = expectedCalibrationError(rows(200), { bins: 15, kind: 'u' })
    const many = expectedCalibrationError(rows(20_000), { bins: 15, kind: 'u' })
    expect(few?.mean).toBeGreaterThan(0.05)
    expect(many?.mean).toBeLessThan(0.012)
    expect(few?.upper).toBeGreaterThan(few?.mean ?? 1)
  })

  it('of honest scores stays under the expected error as often as said, of stretched ones does not', () => {
    let above = 0
    for (let trial = 0; trial < 200; trial++) {
      const honest = rows(300)
      const expected = expectedCalibrationError(
        honest,
        { bins: 15, kind: 'u' },
        { replicates: 100, seed: 'a' },
      )
      if ((ece?.value(honest) ?? 1) > (expected?.upper ?? 0)) above++
    }
    expect(above).toBeLessThan(24)
    const honest = rows(2000)
    const stretched = { ...honest, scores: honest.scores.map((score) => score ** 2) }
    const expected = expectedCalibrationError(stretched, { bins: 15, kind: 'u' })
    expect(ece?.value(stretched)).toBeGreaterThan(expected?.upper ?? 1)
    expect(metricFor('binary', 'calibration_bias')?.value(stretched)).toBeLessThan(-0.1)
    expect(metricFor('binary', 'calibration_slope')?.value(stretched)).toBeLessThan(0.9)
  })

  it('the same seed gives the same', () => {
    const given = rows(100)
    const plan = { bins: 10, kind: 'q' } as const
    expect(expectedCalibrationError(given, plan)).toEqual(expectedCalibrationError(given, plan))
  })
})
