// From the strength of every column alone to a verdict: fail when one is shown to be beyond the limit (over all columns together),
// pass when each is shown to be within it.
import { formatCount, formatOp, formatRate } from '../../statistics/number-words.ts'
import { normalQuantile } from '../../statistics/special-functions.ts'
import { judgeBounds, type Verdict } from '../../statistics/verdict.ts'
import type { DriftJudgement } from '../drift/drift-judge.ts'
import type {
  AucFeature,
  LeakageCheck,
  LeakageFeature,
  LeakageStatistics,
  RankFeature,
} from './leakage-check.ts'

interface Strength {
  readonly feature: LeakageFeature
  readonly estimate: number
  readonly lower: number
  readonly upper: number
  readonly verdict: Verdict
}

const method = 'Newcombe and DeLong intervals, Šidák'
const shown = 3

export function judgeLeakage(
  check: LeakageCheck,
  found: LeakageStatistics,
  confidence: number,
): DriftJudgement {
  const { features, label, rows } = found
  if (features.length === 0) {
    const because = `nothing can be said about ${label}: ${formatCount(rows)} rows have one, and none or only one class of it`
    return { verdict: 'insufficient', because, method, n: rows, limit: check.limit.value }
  }
  const z = {
    lower: normalQuantile(confidence ** (1 / features.length)),
    upper: normalQuantile(confidence),
  }
  const strengths = features
    .map((feature) => strengthOf(feature, check, z))
    .sort(
      (a, b) =>
        b.lower - a.lower || b.upper - a.upper || (a.feature.name < b.feature.name ? -1 : 1),
    )
  const [worst] = strengths
  if (worst === undefined)
    return { verdict: 'insufficient', because: 'no column was looked at', method }
  const numbers = {
    ...{ method, limit: check.limit.value, n: rows },
    ...{ estimate: worst.estimate, lower: worst.lower, upper: worst.upper },
    denominators: strengths.slice(0, 20).map(({ feature, estimate }) => ({
      name: nameOf(feature),
      n: feature.kind === 'auc' ? Math.min(feature.positives, feature.negatives) : feature.rows,
      estimate: Number(estimate.toPrecision(6)),
    })),
  }
  const allowed = `allowed ${formatOp(check.limit.op)} ${formatRate(check.limit.value)}`
  const percent = Number((confidence * 100).toPrecision(4))
  const tell = (some: readonly Strength[]) => {
    const parts = some.slice(0, shown).map((one) => sentenceOf(one, label, percent))
    return parts.join('; ') + (some.length > shown ? ` and ${some.length - shown} more` : '')
  }
  const failed = strengths.filter(({ verdict }) => verdict === 'fail')
  if (failed.length > 0) {
    const because = `${tell(failed)}; ${allowed}: is it known before the label is? Leave it out of the features, or name it under except`
    return { verdict: 'fail', because, ...numbers }
  }
  const open = strengths.filter(({ verdict }) => verdict === 'insufficient')
  if (open.length > 0) {
    const neededRows = neededFor(open, check, z)
    const more =
      neededRows === undefined ? '' : `; about ${formatCount(neededRows)} rows would decide it`
    const because = `${tell(open)}; ${allowed}; the bounds do not decide it${more}`
    return {
      verdict: 'insufficient',
      because,
      ...numbers,
      ...(neededRows === undefined ? {} : { neededRows }),
    }
  }
  const because = `no column alone predicts ${label} too well; best ${tell([worst])}; ${allowed}`
  return { verdict: 'pass', because, ...numbers }
}

interface Z {
  readonly lower: number
  readonly upper: number
}

function strengthOf(
  feature: LeakageFeature,
  { limit: { op, value: limit } }: LeakageCheck,
  z: Z,
): Strength {
  const bounds = feature.kind === 'auc' ? aucBounds(feature, z) : rankBounds(feature, z)
  return { feature, ...bounds, verdict: judgeBounds({ ...bounds, limit, op }) }
}

/** Either direction predicts: the area is folded at ½, and the bounds are those of the direction seen. */
function aucBounds(feature: AucFeature, z: Z): Omit<Strength, 'feature' | 'verdict'> {
  const area = Math.max(feature.auc, 1 - feature.auc)
  const lower = Math.min(
    newcombeAuc(area, feature, -z.lower),
    area - z.lower * Math.sqrt(feature.variance),
  )
  const upper = Math.max(
    newcombeAuc(area, feature, z.upper),
    area + z.upper * Math.sqrt(feature.variance),
  )
  // The other direction may be the true one.
  const other = 1 - newcombeAuc(area, feature, -z.upper)
  return {
    estimate: area,
    lower: Math.max(0.5, lower - feature.within),
    upper: Math.min(1, Math.max(upper, other) + feature.within),
  }
}

/**
 * The area that lies `z` of its own standard errors from the one seen: Newcombe (2006, method 5) with Hanley & McNeil's variance.
 * Unlike DeLong's interval it has a width at an area of 1, so that three rows in a row prove nothing.
 */
function newcombeAuc(area: number, { positives, negatives }: AucFeature, z: number): number {
  const mean = (positives + negatives) / 2 - 1
  const error = (a: number) =>
    Math.sqrt(
      (a * (1 - a) * (1 + (mean * (1 - a)) / (2 - a) + (mean * a) / (1 + a))) /
        (positives * negatives),
    )
  let [low, high] = z < 0 ? [0, area] : [area, 1]
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    const isNear = Math.abs(middle - area) < Math.abs(z) * error(middle)
    if (isNear === z < 0) high = middle
    else low = middle
  }
  return (low + high) / 2
}

/** Fisher's z with the variance of Bonett & Wright (2000) for Spearman's coefficient. */
function rankBounds({ rho, rows }: RankFeature, z: Z): Omit<Strength, 'feature' | 'verdict'> {
  const size = Math.abs(rho)
  if (rows <= 3) return { estimate: size, lower: 0, upper: 1 }
  // Kept off 1, where Fisher's z is infinite.
  const seen = Math.atanh(Math.min(size, 1 - 1 / (2 * rows)))
  const error = Math.sqrt((1 + (size * size) / 2) / (rows - 3))
  return {
    estimate: size,
    lower: Math.max(0, Math.tanh(seen - z.lower * error)),
    upper: Math.max(Math.tanh(seen + z.upper * error), -Math.tanh(seen - z.upper * error)),
  }
}

/** The same strengths on more rows of the same composition. */
function neededFor(open: readonly Strength[], check: LeakageCheck, z: Z): number | undefined {
  for (let times = 1.5; times < 1e6; times *= 1.5) {
    const isDecided = open.every(
      ({ feature }) => strengthOf(grown(feature, times), check, z).verdict !== 'insufficient',
    )
    if (!isDecided) continue
    const rows = Math.max(...open.map(({ feature }) => rowsOf(feature)))
    return Number((rows * times).toPrecision(2))
  }
  return undefined
}

function grown(feature: LeakageFeature, times: number): LeakageFeature {
  return feature.kind === 'auc'
    ? {
        ...feature,
        positives: feature.positives * times,
        negatives: feature.negatives * times,
        variance: feature.variance / times,
      }
    : { ...feature, rows: feature.rows * times }
}

function rowsOf(feature: LeakageFeature): number {
  return feature.kind === 'auc' ? feature.positives + feature.negatives : feature.rows
}

function sentenceOf(
  { feature, estimate, lower, upper }: Strength,
  label: string,
  percent: number,
): string {
  const of = feature.kind === 'auc' ? 'an AUC' : 'a rank correlation'
  const which =
    feature.kind === 'auc' && feature.class !== null ? `${label} = ${feature.class}` : label
  return `${nameOf(feature)} alone predicts ${which} with ${of} of ${formatRate(estimate)} (${percent} % bounds ${formatRate(lower)} to ${formatRate(upper)})`
}

function nameOf({ name, by }: LeakageFeature): string {
  if (by === 'row number') return 'the row number'
  return by === 'missing' ? `whether ${name} is missing` : name
}
