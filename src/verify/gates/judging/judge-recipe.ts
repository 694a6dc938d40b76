// The recipe question, judged with Student's t over seeds: paired where both recipes used the same seeds, Welch's where not.
import {
  correctedResampledEstimate,
  type MeanSummary,
  meanEstimate,
  spreadBounds,
  summarise,
  type TEstimate,
  tBounds,
  welchEstimate,
} from '../../statistics/mean-tests.ts'
import { formatCount, formatOp, formatRate } from '../../statistics/number-words.ts'
import { spanOf } from '../../statistics/power.ts'
import { judgeBounds } from '../../statistics/verdict.ts'
import { type GateSettings, insufficient, type Judgement } from '../check-result.ts'
import type { RecipeCheckSpec } from '../check-spec.ts'
import type { RecipeStatistics, ReplicateValue } from '../recipe-evidence.ts'
import { percentOf } from './metric-words.ts'

/** Fewer say nothing about a standard deviation: at 4 its upper bound is three times the estimate. */
const fewestForSpread = 5

export function judgeRecipe(
  spec: RecipeCheckSpec,
  statistics: RecipeStatistics,
  settings: GateSettings,
): Judgement {
  return spec.of === 'spread'
    ? judgeSpread(spec, statistics, settings)
    : judgeMean(spec, statistics, settings)
}

function judgeSpread(
  spec: RecipeCheckSpec,
  { own }: RecipeStatistics,
  { confidence }: GateSettings,
): Judgement {
  const summary = summarise(own.map(({ value }) => value))
  const limit = limitOf(spec)
  const { sd: estimate, n } = summary
  const method = 'chi-square, spread of seeds'
  const asked = `allowed ${formatOp(spec.op)} ${formatRate(limit)}`
  const bounds = spreadBounds(summary, confidence)
  const subject = `the spread (sd) of ${nameOf(spec)} over ${formatCount(n)} ${n === 1 ? 'seed' : 'seeds'}`
  if (n < fewestForSpread || bounds === undefined) {
    const because = `${subject} is not known, ${asked}: at least ${fewestForSpread} seeds are needed, write seeds: [1, 2, 3, 4, 5] at the step`
    return { ...insufficient(because, method), limit, n, neededRows: fewestForSpread }
  }
  const unused = ignoredSeeds(spec, own)
  if (unused !== undefined)
    return { ...insufficient(`${unused}, ${asked}`, method), estimate, limit, n }
  const { lower, upper } = bounds
  const verdict = judgeBounds({ lower, upper, limit, op: spec.op })
  const measured = `${subject} is ${formatRate(estimate)} (${percentOf(confidence)} bounds ${formatRate(lower)} to ${formatRate(upper)}), ${asked}`
  const because =
    verdict === 'insufficient'
      ? `${measured}: the bounds do not decide it; more seeds narrow them`
      : measured
  return { verdict, because, method, estimate, lower, upper, limit, n }
}

function judgeMean(
  spec: RecipeCheckSpec,
  statistics: RecipeStatistics,
  settings: GateSettings,
): Judgement {
  const limit = limitOf(spec)
  const n = statistics.own.length
  const unused = ignoredSeeds(spec, statistics.own)
  if (unused !== undefined) return { ...insufficient(unused, 'none'), limit, n }
  const compared = compare(spec, statistics)
  if (typeof compared === 'string') {
    return { ...insufficient(compared, 'none'), limit, n, neededRows: 2 }
  }
  const { found, method, subject } = compared
  const { lower, upper } = tBounds(found, settings.confidence)
  const verdict = judgeBounds({ lower, upper, limit, op: spec.op })
  const word = spec.op.startsWith('>') ? 'required' : 'allowed'
  const shown =
    spec.against.with === 'champion' && limit > 0 ? `+${formatRate(limit)}` : formatRate(limit)
  const asked = `${word} ${spec.against.with === 'champion' ? 'a difference ' : ''}${formatOp(spec.op)} ${shown}`
  const measured = `${subject} is ${formatRate(found.estimate)} (${percentOf(settings.confidence)} bounds ${formatRate(lower)} to ${formatRate(upper)}), ${asked}`
  const numbers = { method, estimate: found.estimate, lower, upper, limit, n }
  if (verdict !== 'insufficient') return { verdict, because: measured, ...numbers }
  const neededRows = seedsNeeded(spec, compared, settings)
  const more =
    neededRows === undefined
      ? ''
      : `; about ${formatCount(neededRows)} seeds would decide it, there are ${formatCount(n)}`
  const because = `${measured}: the bounds do not decide it${more}`
  return { verdict, because, ...numbers, ...(neededRows === undefined ? {} : { neededRows }) }
}

/** Equal to the last bit: what did not vary was not sampled, and bounds of no width would be certain of it. */
function ignoredSeeds(spec: RecipeCheckSpec, own: readonly ReplicateValue[]): string | undefined {
  const [first, ...others] = own
  if (first === undefined || others.length === 0) return undefined
  if (others.some(({ value }) => value !== first.value)) return undefined
  const runs = spec.resampled === null ? 'seeds' : 'splits'
  return `${nameOf(spec)} is ${formatRate(first.value)} with each of ${formatCount(own.length)} ${runs}: the ${runs} changed nothing: is the ${runs.slice(0, -1)} used?`
}

interface Compared {
  readonly found: TEstimate
  readonly method: string
  readonly subject: string
  /** Of one difference or value. */
  readonly sd: number
}

/** The estimate to compare with the limit, or why there is none. */
function compare(
  spec: RecipeCheckSpec,
  { own, reference, release }: RecipeStatistics,
): Compared | string {
  const name = nameOf(spec)
  const mine = summarise(own.map(({ value }) => value))
  if (spec.against.with === 'limit') {
    const found = estimateOf(mine, spec.resampled)
    const over = `over ${formatCount(mine.n)} ${spec.resampled === null ? 'seeds' : 'splits'}`
    const subject = `the mean of ${name} ${over}`
    return found === undefined
      ? `the mean of ${name} has one value and no bounds: write seeds: [1, 2, 3, 4, 5] at the step`
      : { found, method: methodOf(spec, "Student's t"), subject, sd: mine.sd }
  }
  const other = `the recipe of release ${release ?? '?'}`
  if (reference === undefined || reference.length === 0)
    return `the run of release ${release ?? '?'} wrote no ${name}, so nothing can be compared with it`
  const theirs = summarise(reference.map(({ value }) => value))
  const means = `the mean of ${name} is ${formatRate(mine.mean)}, of ${other} ${formatRate(theirs.mean)}`
  const differences = sharedDifferences(own, reference)
  if (differences.length >= 2 && differences.length === Math.min(own.length, reference.length)) {
    const paired = summarise(differences)
    const found = estimateOf(paired, spec.resampled)
    const subject = `${means}; the difference over ${formatCount(paired.n)} shared seeds`
    if (found !== undefined)
      return { found, method: methodOf(spec, 'paired t by seed'), subject, sd: paired.sd }
  }
  if (spec.resampled !== null)
    return `${means}: splits that are resampled are compared split by split, and the two runs share ${formatCount(differences.length)} of them`
  const found = welchEstimate(mine, theirs)
  const subject = `${means}; the difference`
  return found === undefined
    ? `${means}, but one seed has no spread: write seeds: [1, 2, 3, 4, 5] at the step`
    : { found, method: "Welch's t", subject, sd: found.se * Math.sqrt(mine.n) }
}

function estimateOf(summary: MeanSummary, resampled: number | null): TEstimate | undefined {
  return resampled === null ? meanEstimate(summary) : correctedResampledEstimate(summary, resampled)
}

function sharedDifferences(
  own: readonly ReplicateValue[],
  reference: readonly ReplicateValue[],
): readonly number[] {
  const theirs = new Map(reference.map(({ replicate, value }) => [replicate, value]))
  return own.flatMap(({ replicate, value }) => {
    const other = theirs.get(replicate)
    return other === undefined ? [] : [value - other]
  })
}

/** With corrected resampling the ratio of test to training rows stays: more splits do not help beyond it. */
function seedsNeeded(
  spec: RecipeCheckSpec,
  { found, sd }: Compared,
  settings: GateSettings,
): number | undefined {
  const limit = limitOf(spec)
  const margin = spec.against.with === 'champion' ? Math.abs(limit) : 0
  const distance = margin > 0 ? margin : Math.abs(found.estimate - limit)
  const perSeed = (distance / (spanOf(settings) * sd)) ** 2 - (spec.resampled ?? 0)
  if (!(perSeed > 0)) return undefined
  // Student's quantile instead of the normal one costs about one seed.
  const needed = Math.ceil(1 / perSeed) + 1
  return needed > found.df + 1 && needed < 10_000 ? needed : undefined
}

function methodOf({ resampled }: RecipeCheckSpec, plain: string): string {
  return resampled === null ? plain : `Nadeau-Bengio corrected t, test/train ${resampled}`
}

function nameOf({ step, metric }: RecipeCheckSpec): string {
  return `${step}:${metric}`
}

function limitOf({ against }: RecipeCheckSpec): number {
  return against.with === 'limit' ? against.limit : against.margin
}
