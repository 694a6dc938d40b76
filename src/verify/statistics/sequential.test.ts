import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { logEProportion, logESampleRatio, proportionInterval } from './proportion.ts'
import {
  logEBetaShare,
  logEHarm,
  logESafe,
  logLikelihood,
  type RateSegment,
  rateRatioInterval,
} from './rate-ratio.ts'
import { expectedEventsToHarm, expectedEventsToSafe, requestsForEvents } from './rate-ratio-plan.ts'

const segment = (candidateShare: number, candidateErrors: number, stableErrors: number) => ({
  candidateShare,
  candidateErrors,
  stableErrors,
})

describe('rate ratio by error allocation', () => {
  it('reproduces the golden values of the closed form', () => {
    expect(Math.exp(logEBetaShare({ candidate: 15, stable: 5 }, 0.5))).toBeCloseTo(3.2206, 4)
    expect(Math.exp(logEBetaShare({ candidate: 5, stable: 5 }, 0.1))).toBeCloseTo(61.09, 2)
  })

  it('knows nothing without errors', () => {
    expect(logEHarm([])).toBe(0)
    expect(logESafe([segment(0.1, 0, 0)], 1.5)).toBe(0)
    expect(rateRatioInterval([], 0.05)).toEqual({ lower: 0, upper: Infinity })
  })

  it('shows harm when a 10 % canary makes half of the errors, and safety when it makes its share', () => {
    expect(logEHarm([segment(0.1, 12, 12)])).toBeGreaterThan(Math.log(1 / 0.05))
    expect(logEHarm([segment(0.1, 12, 108)])).toBeLessThan(Math.log(1 / 0.05))
    expect(logESafe([segment(0.5, 500, 500)], 1.5)).toBeGreaterThan(Math.log(1 / 0.05))
    expect(logESafe([segment(0.5, 600, 400)], 1.5)).toBeLessThan(Math.log(1 / 0.05))
  })

  it('does not care how events are batched', () => {
    const events = fc.array(
      fc.tuple(
        fc.constantFrom(0.01, 0.05, 0.25, 0.5),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(events, (rows) => {
        const each = rows.map(([w, isCandidate, n]) =>
          isCandidate ? segment(w, n, 0) : segment(w, 0, n),
        )
        const byShare = new Map<number, RateSegment>()
        for (const { candidateShare: w, candidateErrors, stableErrors } of each) {
          const old = byShare.get(w) ?? segment(w, 0, 0)
          byShare.set(
            w,
            segment(w, old.candidateErrors + candidateErrors, old.stableErrors + stableErrors),
          )
        }
        const ledger = [...byShare.values()]
        expect(logEHarm(each)).toBeCloseTo(logEHarm(ledger), 9)
        expect(logESafe(each, 1.5)).toBeCloseTo(logESafe(ledger, 1.5), 9)
      }),
    )
  })

  it('keeps an interval around the observed ratio that narrows', () => {
    const few = rateRatioInterval([segment(0.5, 20, 10)], 0.05)
    const many = rateRatioInterval([segment(0.5, 2000, 1000)], 0.05)
    expect(few.lower).toBeLessThan(1)
    expect(few.upper).toBeGreaterThan(4)
    expect(many.lower).toBeGreaterThan(1.6)
    expect(many.upper).toBeLessThan(2.4)
    expect(rateRatioInterval([segment(0.5, 0, 10)], 0.05).lower).toBe(0)
    expect(rateRatioInterval([segment(0.5, 10, 0)], 0.05).upper).toBe(Infinity)
  })

  it('with one alternative it is the sequential probability ratio test', () => {
    const counts = [segment(0.3, 7, 4)]
    const q = (theta: number) => (0.3 * theta) / (0.3 * theta + 0.7)
    const byHand = 7 * Math.log(q(2) / q(1)) + 4 * Math.log((1 - q(2)) / (1 - q(1)))
    expect(logLikelihood(counts, 2) - logLikelihood(counts, 1)).toBeCloseTo(byHand, 12)
  })

  it('the closed form is the mixture over a fine grid of shares', () => {
    const w = 0.1
    const points = 2000
    let mean = 0
    for (let at = 0; at < points; at++) {
      const q = (at + 0.5) / points
      const theta = (q * (1 - w)) / ((1 - q) * w)
      const counts = [segment(w, 5, 5)]
      mean += Math.exp(logLikelihood(counts, theta) - logLikelihood(counts, 1)) / points
    }
    expect(mean).toBeCloseTo(61.09, 2)
  })

  it('refuses a share that is no share', () => {
    expect(() => logEHarm([segment(1, 2, 3)])).toThrow('between 0 and 1, got 1')
  })
})

describe('planning', () => {
  it('is within a quarter of the simulated tables', () => {
    const near = (got: number, simulated: number) =>
      expect(Math.abs(got / simulated - 1)).toBeLessThan(0.25)
    near(expectedEventsToHarm({ w: 0.05, theta: 3, alpha: 0.05 }), 72)
    near(expectedEventsToHarm({ w: 0.5, theta: 2, alpha: 0.05 }), 66)
    near(expectedEventsToHarm({ w: 0.01, theta: 2, alpha: 0.05 }), 1004)
    near(expectedEventsToSafe({ w: 0.5, theta1: 1.5, beta: 0.05 }), 206)
    near(expectedEventsToSafe({ w: 0.1, theta1: 1.5, beta: 0.05 }), 385)
    near(requestsForEvents(66, { w: 0.5, theta: 2, stableErrorRate: 0.01 }), 4420)
  })
  it('cannot promise what cannot be seen', () => {
    expect(expectedEventsToHarm({ w: 0.1, theta: 1, alpha: 0.05 })).toBe(Infinity)
  })
})

describe('a proportion against a limit', () => {
  it('the interval is what the e-process has not refuted', () => {
    const count = { successes: 37, trials: 400 }
    const { lower, upper } = proportionInterval(count, 0.05)
    expect(lower).toBeLessThan(37 / 400)
    expect(upper).toBeGreaterThan(37 / 400)
    expect(logEProportion(count, lower)).toBeCloseTo(Math.log(20), 6)
    expect(logEProportion(count, upper)).toBeCloseTo(Math.log(20), 6)
  })
  it('stays finite for a billion units and tiny probabilities', () => {
    expect(logEProportion({ successes: 1, trials: 1e9 }, 1e-9)).toBeLessThan(3)
    expect(Number.isFinite(logEProportion({ successes: 5e8, trials: 1e9 }, 0.5))).toBe(true)
  })
})

describe('sample ratio mismatch', () => {
  const broken = Math.log(1000)
  it('finds 12 % where 10 % were configured, over periods of different shares', () => {
    const periods = [
      { candidateShare: 0.1, candidateUnits: 720, stableUnits: 5280 },
      { candidateShare: 0.25, candidateUnits: 1500, stableUnits: 3500 },
    ]
    expect(logESampleRatio(periods)).toBeGreaterThan(broken)
  })
  it('is silent for an honest split and for no traffic', () => {
    expect(
      logESampleRatio([{ candidateShare: 0.1, candidateUnits: 1010, stableUnits: 8990 }]),
    ).toBeLessThan(0)
    expect(logESampleRatio([])).toBe(0)
  })
})
