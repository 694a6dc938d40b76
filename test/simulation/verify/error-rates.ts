// How often a decision is wrong, counted over many seeded holdouts; every rate is printed, because the documentation quotes them.
import { expect } from 'vitest'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import type { Estimated } from '../../../src/verify/metrics/metric-bounds.ts'
import type { BinaryScored } from '../../../src/verify/metrics/scored.ts'
import { normalCdf, normalQuantile } from '../../../src/verify/statistics/special-functions.ts'

export const runs = 2000
export const nominal = 0.05
/** One point above nominal: of 2,000 runs at exactly 5 %, one set in fifty would show more. */
export const ceiling = nominal + 0.01
export const z = normalQuantile(1 - nominal)

/** Shares of runs in which each answer was given. */
export function rates<Answer extends string>(
  name: string,
  answer: (random: RandomStream, run: number) => Partial<Record<Answer, boolean>>,
  times = runs,
): Readonly<Record<Answer, number>> {
  const random = randomStream(name, 'simulation')
  const counts = new Map<string, number>()
  for (let run = 0; run < times; run++) {
    for (const [key, isSo] of Object.entries(answer(random, run))) {
      counts.set(key, (counts.get(key) ?? 0) + (isSo ? 1 : 0))
    }
  }
  const shares = Object.fromEntries(
    [...counts].map(([key, count]) => [key, count / times]),
  ) as Record<Answer, number>
  const shown = Object.entries<number>(shares).map(
    ([key, share]) => `${key} ${(100 * share).toFixed(1)} %`,
  )
  process.stdout.write(`${name}: ${shown.join(', ')}\n`)
  return shares
}

/** Both ways to be wrong about a value that lies exactly on the limit: shown to be above it, shown to be below. */
export function atLimit({ lower, upper }: Estimated, limit: number) {
  return { above: (lower ?? -Infinity) > limit, below: (upper ?? Infinity) < limit }
}

/** No decision is wrong more often than it says, by more than a point. */
export function expectHonest(shares: Readonly<Record<string, number>>): void {
  for (const [answer, share] of Object.entries(shares)) {
    expect(share, answer).toBeLessThanOrEqual(ceiling)
  }
}

/** A share of simulations has its own noise: 2,000 runs at 80 % vary by a point. */
export function expectPower(share: number, planned = 0.8): void {
  expect(share).toBeGreaterThan(planned - 0.035)
  expect(share).toBeLessThan(planned + 0.06)
}

export function binomial(random: RandomStream, trials: number, p: number): number {
  let successes = 0
  for (let trial = 0; trial < trials; trial++) if (random.next() < p) successes++
  return successes
}

/** Two rankers of the same rows: scores of spread 1 in each class, `shift` apart, sharing `shared` of their variance. */
export function rankers(
  random: RandomStream,
  given: {
    readonly rows: number
    readonly prevalence: number
    readonly shift: number
    readonly otherShift?: number
    readonly shared: number
  },
) {
  const { rows, prevalence, shift, otherShift = shift, shared } = given
  const labels = new Uint8Array(rows)
  const scores = new Float64Array(rows)
  const other = new Float64Array(rows)
  const [common, noise] = [Math.sqrt(shared), Math.sqrt(1 - shared)]
  for (let row = 0; row < rows; row++) {
    const label = random.next() < prevalence ? 1 : 0
    const signal = common * random.normal()
    labels[row] = label
    scores[row] = normalCdf(shift * label + signal + noise * random.normal())
    other[row] = normalCdf(otherShift * label + signal + noise * random.normal())
  }
  const shape = { task: 'binary' as const, labels, threshold: 0.5 }
  return { own: { ...shape, scores }, other: { ...shape, scores: other } }
}

/** The AUC of such a ranker. */
export function aucOfShift(shift: number): number {
  return normalCdf(shift / Math.SQRT2)
}

/** Entities of 1 to `most` rows that share their luck: by rows alone, intervals would be far too narrow. */
export function clustered(
  random: RandomStream,
  entities: number,
  shift: number,
  most = 9,
): BinaryScored {
  const rows: { entity: number; label: number; score: number }[] = []
  for (let entity = 0; entity < entities; entity++) {
    const skill = random.normal()
    const label = random.next() < 0.4 ? 1 : 0
    const size = 1 + Math.floor(most * random.next())
    for (let row = 0; row < size; row++) {
      const score = normalCdf(label * shift + 0.8 * skill + 0.6 * random.normal())
      rows.push({ entity, label, score })
    }
  }
  return {
    task: 'binary',
    labels: Uint8Array.from(rows, ({ label }) => label),
    scores: Float64Array.from(rows, ({ score }) => score),
    clusters: Uint32Array.from(rows, ({ entity }) => entity),
    threshold: 0.5,
  }
}
