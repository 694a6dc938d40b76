// Robustness checks: every perturbation must be shown to be harmless; one that is shown to do harm fails the check.
import { boundPair, type Estimated } from '../../metrics/metric-bounds.ts'
import {
  keyOfPerturbation,
  type PerturbedLabels,
  type PerturbedMetric,
  type RobustnessStatistics,
} from '../../readiness/robustness.ts'
import { formatCount, formatOp, formatRate, formatShare } from '../../statistics/number-words.ts'
import { oneSidedZ, sidakOneSidedZ, wilson } from '../../statistics/proportion-bounds.ts'
import { judgeBounds, type Verdict } from '../../statistics/verdict.ts'
import {
  type Denominator,
  type GateSettings,
  insufficient,
  type Judgement,
  mismatched,
} from '../check-result.ts'
import type { DropCheckSpec } from '../check-spec.ts'
import { metricWordsOf } from './metric-words.ts'

export function judgeDrop(
  spec: DropCheckSpec,
  statistics: RobustnessStatistics,
  settings: GateSettings,
): Judgement {
  switch (statistics.method) {
    case 'drop': {
      if (spec.subject.what !== 'drop') return mismatched(spec)
      const { words } = metricWordsOf(spec.subject.metric)
      const subject = `the loss of ${words} under every perturbation`
      const boundLoss: Bound<PerturbedMetric> = (one, z) =>
        'statistics' in one ? boundPair(one.statistics, z) : undefined
      return judgeAll(
        { spec, settings, subject, show: formatRate },
        statistics.perturbed.map((one) => ({ one, bound: (z) => boundLoss(one, z) })),
      )
    }
    case 'flips': {
      const subject = 'the share of rows whose label changes under every perturbation'
      return judgeAll(
        { spec, settings, subject, show: formatShare },
        statistics.perturbed.map((one) => ({ one, bound: (z) => boundFlips(one, z) })),
      )
    }
    case 'finite':
      return judgeFinite(statistics)
    case 'monotone':
      return judgeMonotone(spec, statistics)
    case 'unreadable':
      return { verdict: 'error', because: statistics.because, method: 'none' }
  }
}

type Perturbed = PerturbedMetric | PerturbedLabels
type Bound<P> = (one: P, z: number) => Estimated | undefined

interface Question {
  readonly spec: DropCheckSpec
  readonly settings: GateSettings
  readonly subject: string
  readonly show: (value: number) => string
}

interface Member {
  readonly one: Perturbed
  readonly bound: (z: number) => Estimated | undefined
}

/**
 * Holds when every perturbation is shown to be within the limit, each at full confidence (an intersection-union test needs no
 * correction); fails when one is shown to be beyond it, at a confidence that counts how many were asked.
 */
function judgeAll(question: Question, members: readonly Member[]): Judgement {
  const { spec, subject, show } = question
  const judged = members.map((member) => judgeOne(question, member, members.length))
  const failed = judged.filter(({ verdict }) => verdict === 'fail')
  const unsure = judged.filter(({ verdict }) => verdict === 'insufficient')
  const asked = `${subject}, allowed ${formatOp(spec.op)} ${show(spec.limit)}`
  const neededRows = Math.max(0, ...unsure.map((one) => one.neededRows ?? 0))
  const shared = {
    method: 'paired with the rows as they are',
    limit: spec.limit,
    denominators: judged.map(({ denominator }) => denominator),
    ...worstOf(judged),
  }
  const list = (some: typeof judged) => some.map(({ sentence }) => sentence).join(', ')
  if (judged.length === 0) return insufficient(`${asked}: no perturbation was asked for`)
  if (failed.length > 0)
    return { verdict: 'fail', because: `${asked}, fails for ${list(failed)}`, ...shared }
  if (unsure.length > 0) {
    const more = neededRows > 0 ? `; about ${formatCount(neededRows)} rows would decide it` : ''
    const because = `${asked}, is not decided for ${list(unsure)}${more}`
    const needed = neededRows > 0 ? { neededRows } : {}
    return { verdict: 'insufficient', because, ...shared, ...needed }
  }
  return { verdict: 'pass', because: `${asked}, holds: ${list(judged)}`, ...shared }
}

interface JudgedOne {
  readonly verdict: Verdict
  readonly sentence: string
  readonly denominator: Denominator
  readonly bounds: Estimated | undefined
  readonly neededRows?: number
}

function judgeOne(
  { spec, settings, show }: Question,
  { one, bound }: Member,
  asked: number,
): JudgedOne {
  const { perturbation: name } = one
  const nothing = { denominator: { name, n: 0 }, bounds: undefined }
  if ('refused' in one)
    return { verdict: 'fail', sentence: `${name} (not answered: ${one.refused})`, ...nothing }
  if ('inapplicable' in one)
    return { verdict: 'insufficient', sentence: `${name} (${one.inapplicable})`, ...nothing }
  // Values that are as they were lose nothing, whatever the model is like.
  if (one.changed === 0 && !isAboutOrder(spec, name))
    return { verdict: 'insufficient', sentence: `${name} (it changed no value)`, ...nothing }
  const good = bound(oneSidedZ(settings.confidence))
  const bad = bound(sidakOneSidedZ(settings.confidence, asked))
  if (good?.estimate === undefined || bad === undefined) {
    const sentence = `${name} (undefined: ${good?.because ?? 'nothing could be estimated'})`
    return { verdict: 'insufficient', sentence, ...nothing }
  }
  const { lower, upper, estimate, n } = good
  const denominator = { name, n, estimate }
  const value = (number: number | undefined) => (number === undefined ? '?' : show(number))
  const sentence = `${name} ${show(estimate)} (${value(lower)} to ${value(upper)} of ${formatCount(n)})`
  const shared = { sentence, denominator, bounds: good }
  const { limit, op } = spec
  if (n < settings.minSupport)
    return { verdict: 'insufficient', ...shared, neededRows: settings.minSupport }
  if (judgeBounds({ lower, upper, limit, op }) === 'pass') return { verdict: 'pass', ...shared }
  if (judgeBounds({ lower: bad.lower, upper: bad.upper, limit, op }) === 'fail')
    return { verdict: 'fail', ...shared }
  const neededRows = rowsToDecide(good, limit)
  return { verdict: 'insufficient', ...shared, ...(neededRows === undefined ? {} : { neededRows }) }
}

/** Some leave every value as it is, and change what stands beside it. */
function isAboutOrder({ perturb, columns }: DropCheckSpec, name: string): boolean {
  return perturb.some(
    (one) =>
      (one.kind === 'column_order' || one.kind === 'extra_columns') &&
      keyOfPerturbation(one, columns) === name,
  )
}

/** The perturbation that costs most. */
function worstOf(judged: readonly JudgedOne[]): Partial<Judgement> {
  const known = judged.flatMap(({ bounds }) => (bounds?.estimate === undefined ? [] : [bounds]))
  const [worst] = known.toSorted((one, other) => (other.estimate ?? 0) - (one.estimate ?? 0))
  if (worst === undefined) return {}
  const { estimate, lower, upper, n } = worst
  return {
    n,
    ...(estimate === undefined ? {} : { estimate }),
    ...(lower === undefined ? {} : { lower }),
    ...(upper === undefined ? {} : { upper }),
  }
}

function boundFlips(one: PerturbedLabels, z: number): Estimated | undefined {
  if (!('flips' in one)) return undefined
  const { flips, rows } = one
  const shared = { n: rows, method: 'Wilson score', isApproximate: false }
  if (rows === 0) return { ...shared, because: 'there are no rows' }
  return { ...shared, estimate: flips / rows, ...wilson({ successes: flips, trials: rows }, z) }
}

/** Bounds shrink with the root of n. */
function rowsToDecide({ estimate, lower, upper, n }: Estimated, limit: number): number | undefined {
  if (estimate === undefined || lower === undefined || upper === undefined) return undefined
  const width = estimate > limit ? estimate - lower : upper - estimate
  const needed = Math.ceil(n * (width / Math.abs(estimate - limit)) ** 2)
  return needed > n && needed < 1e9 ? needed : undefined
}

function judgeFinite({
  asked,
  refused,
  broken,
}: Extract<RobustnessStatistics, { method: 'finite' }>): Judgement {
  const method = 'the ends of every input'
  if (asked === 0) return insufficient('no input of the model has ends that could be tried', method)
  const shared = { method, n: asked }
  if (broken.length > 0) {
    const shown = broken.slice(0, 4).join('; ')
    const more = broken.length > 4 ? `; and ${broken.length - 4} more` : ''
    const because = `${broken.length} of ${asked} extreme inputs were answered with something else than numbers: ${shown}${more}`
    return { verdict: 'fail', because, ...shared }
  }
  const words = refused > 0 ? `, ${refused} of them refused with a reason` : ''
  const because = `all ${asked} extreme inputs were answered with finite numbers${words}`
  return { verdict: 'pass', because, ...shared }
}

function judgeMonotone(
  { subject }: DropCheckSpec,
  found: Extract<RobustnessStatistics, { method: 'monotone' }>,
): Judgement {
  if (subject.what !== 'monotone') return insufficient('nothing was asked')
  const { rows, steps, violations, worst } = found
  const method = 'metamorphic, one column at a time'
  const way = subject.direction === 'up' ? 'never falls' : 'never rises'
  const claim = `the score ${way} when ${subject.column} rises`
  if (rows === 0 || steps < 2)
    return insufficient(`${claim}: ${subject.column} has fewer than two values to try`, method)
  const shared = { method, n: rows, estimate: violations / rows, limit: 0 }
  if (violations === 0) {
    const because = `${claim}: so it is for ${formatCount(rows)} rows at ${steps} values each`
    return { verdict: 'pass', because, ...shared }
  }
  const example =
    worst === null ? '' : `, by up to ${formatRate(worst.by)} between ${worst.from} and ${worst.to}`
  const because = `${claim}: not so for ${formatCount(violations)} of ${formatCount(rows)} rows${example}`
  return { verdict: 'fail', because, ...shared }
}
