// Error rates and power of the sequential tests, by simulation: 2,000 seeded streams each, a look after every event.
import { describe, expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import { logEProportion, logESampleRatio } from '../../../src/verify/statistics/proportion.ts'
import { logEHarm, logESafe, type RateSegment } from '../../../src/verify/statistics/rate-ratio.ts'
import { errorShare, requestsForEvents } from '../../../src/verify/statistics/rate-ratio-plan.ts'

const streams = 2000
const alpha = 0.05
const needed = Math.log(1 / alpha)
/** Nominal level plus three standard errors of the simulation. */
const ceiling = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / streams)

/** Counts errors by share, as the ledger does. */
function ledger() {
  const byShare = new Map<number, { candidateErrors: number; stableErrors: number }>()
  return {
    add(candidateShare: number, isCandidate: boolean) {
      const own = byShare.get(candidateShare) ?? { candidateErrors: 0, stableErrors: 0 }
      if (isCandidate) own.candidateErrors++
      else own.stableErrors++
      byShare.set(candidateShare, own)
    },
    segments: (): RateSegment[] =>
      [...byShare].map(([candidateShare, counts]) => ({ candidateShare, ...counts })),
  }
}

/** The share of streams in which `evidence` ever reaches 1/alpha. */
function everRejected(seed: string, rejects: (random: RandomStream) => boolean): number {
  const random = randomStream(seed, 'streams')
  let rejected = 0
  for (let stream = 0; stream < streams; stream++) if (rejects(random)) rejected++
  return rejected / streams
}

/** Errors arrive; each is the candidate's with probability q(theta). Returns the number of errors until the verdict. */
function eventsUntil(
  random: RandomStream,
  given: { w: number; theta: number; most: number; evidence: (s: RateSegment[]) => number },
): number | undefined {
  const { w, theta, most, evidence } = given
  const q = errorShare(w, theta)
  let candidateErrors = 0
  for (let events = 1; events <= most; events++) {
    if (random.next() < q) candidateErrors++
    const segment = { candidateShare: w, candidateErrors, stableErrors: events - candidateErrors }
    if (evidence([segment]) >= needed) return events
  }
  return undefined
}

describe('a candidate that is not worse is rolled back in at most alpha of rollouts', () => {
  for (const w of [0.01, 0.05, 0.1, 0.5]) {
    it(`at ${w * 100} % of traffic, looking after each of 400 errors`, () => {
      const given = { w, theta: 1, most: 400, evidence: (s: RateSegment[]) => logEHarm(s) }
      const rate = everRejected(`harm ${w}`, (random) => eventsUntil(random, given) !== undefined)
      expect(rate).toBeLessThanOrEqual(ceiling)
    })
  }

  it('while the traffic share climbs from 1 to 50 %', () => {
    const rate = everRejected('climb', (random) => {
      const counts = ledger()
      for (let events = 0; events < 400; events++) {
        const w = [0.01, 0.05, 0.25, 0.5][Math.floor(events / 100)] ?? 0.5
        counts.add(w, random.next() < w)
        if (logEHarm(counts.segments()) >= needed) return true
      }
      return false
    })
    expect(rate).toBeLessThanOrEqual(ceiling)
  })

  it('while the error rate swings between 0.2 and 5 % and the ramp follows the evidence', () => {
    const rate = everRejected('swing', (random) => {
      const counts = ledger()
      let w = 0.05
      for (let request = 0; request < 5000; request++) {
        const errorRate = 0.026 + 0.024 * Math.sin(request / 300)
        if (random.next() >= errorRate) continue
        counts.add(w, random.next() < w)
        const evidence = logEHarm(counts.segments())
        if (evidence >= needed) return true
        // More traffic when all looks well, less when it does not: a ramp that depends on the data.
        w = evidence < -0.3 ? 0.5 : evidence < 0 ? 0.25 : 0.05
      }
      return false
    })
    expect(rate).toBeLessThanOrEqual(ceiling)
  })

  it('in batches of random size', () => {
    const rate = everRejected('batches', (random) => {
      let candidateErrors = 0
      let stableErrors = 0
      while (candidateErrors + stableErrors < 400) {
        const size = 1 + random.below(30)
        for (let event = 0; event < size; event++) {
          if (random.next() < 0.1) candidateErrors++
          else stableErrors++
        }
        if (logEHarm([{ candidateShare: 0.1, candidateErrors, stableErrors }]) >= needed)
          return true
      }
      return false
    })
    expect(rate).toBeLessThanOrEqual(ceiling)
  })
})

describe('a candidate at the margin is called safe in at most beta of rollouts', () => {
  for (const w of [0.1, 0.5]) {
    it(`1.5 times as many errors at ${w * 100} %`, () => {
      const given = { w, theta: 1.5, most: 400, evidence: (s: RateSegment[]) => logESafe(s, 1.5) }
      const rate = everRejected(`safe ${w}`, (random) => eventsUntil(random, given) !== undefined)
      expect(rate).toBeLessThanOrEqual(ceiling)
    })
  }
})

describe('the mean number of errors to a verdict is that of the tables, within 20 %', () => {
  const meanEvents = (seed: string, given: Parameters<typeof eventsUntil>[1]) => {
    const random = randomStream(seed, 'power')
    let total = 0
    for (let stream = 0; stream < 500; stream++) total += eventsUntil(random, given) ?? given.most
    return total / 500
  }
  const harm = [
    [0.05, 3, 72],
    [0.05, 5, 26],
    [0.1, 2, 120],
    [0.25, 1.5, 250],
    [0.5, 2, 66],
    [0.5, 3, 28],
  ] as const
  for (const [w, theta, table] of harm) {
    it(`harm of factor ${theta} at ${w * 100} %: ${table}`, () => {
      const mean = meanEvents(`harm ${w} ${theta}`, {
        w,
        theta,
        most: 5000,
        evidence: (s) => logEHarm(s),
      })
      expect(Math.abs(mean / table - 1)).toBeLessThan(0.2)
    })
  }
  const safe = [
    [0.1, 2, 138],
    [0.25, 1.5, 211],
    [0.5, 1.5, 206],
    [0.5, 2, 63],
  ] as const
  for (const [w, margin, table] of safe) {
    it(`safety within ${margin} at ${w * 100} %: ${table}`, () => {
      const mean = meanEvents(`safe ${w} ${margin}`, {
        w,
        theta: 1,
        most: 5000,
        evidence: (s) => logESafe(s, margin),
      })
      expect(Math.abs(mean / table - 1)).toBeLessThan(0.2)
    })
  }
  it('4,420 requests at 50 % to see a doubling of 1 %', () => {
    const mean = meanEvents('requests', {
      w: 0.5,
      theta: 2,
      most: 5000,
      evidence: (s) => logEHarm(s),
    })
    const requests = requestsForEvents(mean, { w: 0.5, theta: 2, stableErrorRate: 0.01 })
    expect(Math.abs(requests / 4420 - 1)).toBeLessThan(0.2)
  })
})

describe('a proportion at its limit is refuted in at most alpha of streams', () => {
  for (const p of [0.01, 0.1, 0.5]) {
    it(`p = ${p}, looking after each of 5,000 units`, () => {
      const rate = everRejected(`proportion ${p}`, (random) => {
        let successes = 0
        for (let trials = 1; trials <= 5000; trials++) {
          if (random.next() < p) successes++
          if (logEProportion({ successes, trials }, p) >= needed) return true
        }
        return false
      })
      expect(rate).toBeLessThanOrEqual(ceiling)
    })
  }
})

describe('sample ratio mismatch', () => {
  const broken = Math.log(1000)
  const unitsUntil = (random: RandomStream, given: { w: number; actual: number; most: number }) => {
    let candidateUnits = 0
    for (let units = 1; units <= given.most; units++) {
      if (random.next() < given.actual) candidateUnits++
      if (units % 20 !== 0) continue
      const split = { candidateShare: given.w, candidateUnits, stableUnits: units - candidateUnits }
      if (logESampleRatio([split]) >= broken) return units
    }
    return undefined
  }
  it('an honest split is called broken in at most 1 of 1,000 rollouts', () => {
    const rate = everRejected(
      'honest',
      (random) => unitsUntil(random, { w: 0.1, actual: 0.1, most: 5000 }) !== undefined,
    )
    expect(rate).toBeLessThanOrEqual(0.001 + 3 * Math.sqrt(0.001 / streams))
  })
  it('12 % instead of 10 % is found after about 4,400 units', () => {
    const random = randomStream('broken split', 'power')
    let total = 0
    for (let stream = 0; stream < 200; stream++) {
      total += unitsUntil(random, { w: 0.1, actual: 0.12, most: 50_000 }) ?? 50_000
    }
    expect(Math.abs(total / 200 / 4400 - 1)).toBeLessThan(0.25)
  })
})
