// A metric check in every slice, with one of two meanings that must not be mixed up: prove that all are good, or look for one
// that is worse.
import { nameOfGroup } from '../../fairness/group-counts.ts'
import { mcnemarMidP } from '../../statistics/mcnemar.ts'
import { benjaminiHochberg } from '../../statistics/multiplicity.ts'
import { formatCount, formatRate } from '../../statistics/number-words.ts'
import { oneSidedZ, sidakOneSidedZ } from '../../statistics/proportion-bounds.ts'
import { normalCdf } from '../../statistics/special-functions.ts'
import type { Verdict } from '../../statistics/verdict.ts'
import type {
  Denominator,
  GateSettings,
  Judgement,
  MeasuredMetric,
  MeasuredSlice,
  MeasuredSlices,
} from '../check-result.ts'
import type { MetricCheckSpec } from '../check-spec.ts'
import { boundsOf, fewestOf, isBlunt, numbersOf, verdictOf } from './judge-metric.ts'
import {
  boundsWords,
  limitOf,
  listed,
  metricWordsOf,
  percentOf,
  planDecision,
  requirement,
} from './metric-words.ts'

export function judgeSlices(
  spec: MetricCheckSpec,
  { slices, missing = [] }: MeasuredSlices,
  settings: GateSettings,
): Judgement {
  const judged =
    spec.mode === 'detect_harm'
      ? lookForHarm(spec, slices, settings)
      : prove(spec, slices, settings)
  const { words } = metricWordsOf(spec.metric)
  const shared = {
    method: methodOf(spec, slices.length),
    limit: limitOf(spec),
    denominators: judged.map(({ denominator, verdict }) => ({ ...denominator, verdict })),
  }
  const question = `${words} of every ${slicesAsked(spec)}, ${requirement(spec)}`
  const of = (verdict: Verdict) => judged.filter((one) => one.verdict === verdict)
  const list = (some: readonly JudgedSlice[]) => listed(some.map(({ sentence }) => sentence))
  const absent = missing.map(({ name, because }) => `${name} (${because})`)
  if (judged.length === 0 && absent.length === 0) {
    return { verdict: 'insufficient', because: `${question}: there are no slices`, ...shared }
  }
  const failed = of('fail')
  if (failed.length > 0) {
    return { verdict: 'fail', because: `${question}, fails for ${list(failed)}`, ...shared }
  }
  const unsure = [...of('insufficient').map(({ sentence }) => sentence), ...absent]
  if (unsure.length > 0) {
    const because = `${question}, is not decided for ${listed(unsure)}`
    return { verdict: 'insufficient', because, ...shared, ...mostRows(judged) }
  }
  if (spec.mode === 'detect_harm') return { ...unharmed(question, judged, spec), ...shared }
  return { verdict: 'pass', because: `${question}, holds: ${list(judged)}`, ...shared }
}

interface JudgedSlice {
  readonly verdict: Verdict
  readonly sentence: string
  readonly denominator: Denominator
  readonly neededRows?: number
  readonly detectable?: number
}

/**
 * To pass, each slice is shown to be good at full confidence (an intersection-union test needs no correction); to fail, some slice
 * is shown to be bad after Šidák's correction, so that many slices do not fail a good model.
 */
function prove(
  spec: MetricCheckSpec,
  slices: readonly MeasuredSlice[],
  settings: GateSettings,
): readonly JudgedSlice[] {
  const corrected = sidakOneSidedZ(settings.confidence, slices.length)
  return slices.map((slice): JudgedSlice => {
    const seen = seenSlice(spec, slice, settings)
    if (!seen.isSupported) return { ...seen.judged, verdict: 'insufficient' }
    const asked = verdictOf(spec, seen.bounds)
    if (asked === 'pass') return settle(spec, seen.judged, 'pass')
    if (spec.decideBy === 'point') return { ...seen.judged, verdict: asked }
    const isBad = verdictOf(spec, boundsOf(slice.statistics, corrected)) === 'fail'
    return { ...seen.judged, verdict: isBad ? 'fail' : 'insufficient' }
  })
}

/**
 * A slice fails when it is shown to be beyond the limit with a false-discovery rate of `fdr` over all slices that are large
 * enough (Benjamini & Hochberg 1995). Without the correction twenty slices fail an equally good model 87 % of the time.
 */
function lookForHarm(
  spec: MetricCheckSpec,
  slices: readonly MeasuredSlice[],
  settings: GateSettings,
): readonly JudgedSlice[] {
  const seen = slices.map((slice) => ({ slice, ...seenSlice(spec, slice, settings) }))
  const large = seen.filter(({ isSupported }) => isSupported)
  const adjusted = benjaminiHochberg(large.map(({ slice }) => harmP(spec, slice.statistics)))
  const pOf = new Map(large.map(({ slice }, at) => [slice, adjusted[at] ?? 1]))
  return seen.map(({ slice, judged }): JudgedSlice => {
    const p = pOf.get(slice)
    if (p === undefined) {
      // Too small to look at: only a slice that was asked for by name, or having none at all, holds the verdict back.
      const holdsBack = slice.isNamed === true || large.length === 0
      return { ...judged, verdict: holdsBack ? 'insufficient' : 'skipped' }
    }
    const denominator = { ...judged.denominator, p: Number(p.toPrecision(12)) }
    const isHarmed =
      spec.decideBy === 'point'
        ? verdictOf(spec, { ...judged.denominator, n: 0, method: '', isApproximate: false }) ===
          'fail'
        : p <= spec.fdr
    if (isHarmed) return { ...judged, denominator, verdict: 'fail' }
    return settle(spec, { ...judged, denominator }, 'pass')
  })
}

function settle(
  spec: MetricCheckSpec,
  judged: Omit<JudgedSlice, 'verdict'>,
  verdict: 'pass',
): JudgedSlice {
  return { ...judged, verdict: isBlunt(spec, judged.detectable) ? 'insufficient' : verdict }
}

/**
 * One-sided: how surprising the slice is if it is exactly at the limit. With a margin it is the level at which the bound just
 * touches the limit; without one, two models on the same rows are compared by McNemar's mid-p.
 */
export function harmP(spec: MetricCheckSpec, statistics: MeasuredMetric): number {
  const limit = limitOf(spec)
  const isFloor = spec.op.startsWith('>')
  if (statistics.method === 'paired_proportion' && limit === 0) {
    const { better, worse } = mcnemarMidP(statistics)
    return isFloor ? worse : better
  }
  const isBeyond = (z: number) => {
    const { lower, upper } = boundsOf(statistics, z)
    return isFloor ? (upper ?? Infinity) < limit : (lower ?? -Infinity) > limit
  }
  if (!isBeyond(1e-6)) return 1
  let low = 1e-6
  let high = 8
  if (isBeyond(high)) return normalCdf(-high)
  while (high - low > 1e-6) {
    const middle = (low + high) / 2
    if (isBeyond(middle)) low = middle
    else high = middle
  }
  return normalCdf(-low)
}

function seenSlice(
  spec: MetricCheckSpec,
  { group, statistics }: MeasuredSlice,
  settings: GateSettings,
) {
  const name = nameOfGroup(group)
  const bounds = boundsOf(statistics, oneSidedZ(settings.confidence))
  const { n, estimate, units } = bounds
  const size = `${formatCount(n)} ${metricWordsOf(spec.metric).counted}`
  const denominator: Denominator = { name, n, ...numbersOf(bounds) }
  if (estimate === undefined) {
    const sentence = `${name} (undefined, ${size})`
    return { bounds, isSupported: false, judged: { sentence, denominator } }
  }
  const plan = planDecision(spec, bounds, settings)
  const judged = {
    sentence: `${name} ${boundsWords(bounds, settings)} of ${size}`,
    denominator,
    ...(plan.neededRows === undefined ? {} : { neededRows: plan.neededRows }),
    ...(plan.detectable === undefined ? {} : { detectable: plan.detectable }),
  }
  const isSupported = n >= fewestOf(bounds, settings) && (units?.count ?? n) >= settings.minSupport
  return { bounds, isSupported, judged }
}

function methodOf({ mode, fdr }: MetricCheckSpec, count: number): string {
  return mode === 'detect_harm'
    ? `Benjamini-Hochberg over ${count} slices, at most ${percentOf(fdr)} false alarms`
    : 'each slice by its own bounds'
}

/** What was looked for and not found, and how large a harm could still hide. */
function unharmed(question: string, judged: readonly JudgedSlice[], { fdr }: MetricCheckSpec) {
  const looked = judged.filter(({ verdict }) => verdict === 'pass')
  const small = judged.length - looked.length
  const bluntest = looked.toSorted((a, b) => (b.detectable ?? 0) - (a.detectable ?? 0))[0]
  const hidden =
    bluntest?.detectable === undefined
      ? ''
      : `; the least certain, ${bluntest.sentence}, shows a distance of ${formatRate(bluntest.detectable)}`
  const leftOut = small === 0 ? '' : `; too small to look at: ${small}`
  const because = `${question}: none of ${looked.length} slices is shown to be worse (at most ${percentOf(fdr)} false alarms)${hidden}${leftOut}`
  return { verdict: 'pass' as const, because }
}

function mostRows(judged: readonly JudgedSlice[]): { neededRows?: number } {
  const needs = judged.flatMap(({ verdict, neededRows }) =>
    verdict === 'insufficient' && neededRows !== undefined ? [neededRows] : [],
  )
  return needs.length === 0 ? {} : { neededRows: Math.max(...needs) }
}

/** `slice` itself stands for those of the project. */
function slicesAsked({ each }: MetricCheckSpec): string {
  const named = (each ?? []).filter((one) => one !== 'slice')
  return named.length === 0 ? 'slice' : `slice of ${named.join(', ')}`
}
