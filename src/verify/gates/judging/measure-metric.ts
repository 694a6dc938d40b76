// From rows to the statistics of a metric check: the whole holdout or its slices, alone or beside another model on the same rows.
import { didYouMean } from '../../../project/problems.ts'
import { parseSlice } from '../../fairness/slice-declaration.ts'
import { resolveSlices, type Slice } from '../../fairness/slices.ts'
import { metricFor, metricNames } from '../../metrics/metric.ts'
import { measureMetric } from '../../metrics/metric-statistics.ts'
import { measurePair } from '../../metrics/paired-statistics.ts'
import { rowsOf, type Scored, selectRows } from '../../metrics/scored.ts'
import type { CheckStatistics, MeasuredMetric, MeasuredSlice } from '../check-result.ts'
import type { MetricCheckSpec } from '../check-spec.ts'
import {
  faultOfHoldout,
  faultOfReference,
  type GateEvidenceInput,
  unreadable,
} from '../gate-evidence.ts'
import { limitOf } from './metric-words.ts'

/** `each: slice` stands for all that `evaluate.slices` declares. */
export const declaredSlices = 'slice'

export function measureModel(spec: MetricCheckSpec, evidence: GateEvidenceInput): CheckStatistics {
  const { holdout } = evidence
  const fault = faultOfHoldout(holdout) ?? faultOfMetric(spec, holdout.scored)
  if (fault !== undefined) return unreadable(fault)
  const other = referenceOf(spec, evidence)
  if (other !== undefined && 'method' in other) return other
  if (spec.each === null) return measure(spec, holdout.scored, other)
  const slices = slicesOf(spec.each, evidence)
  return typeof slices === 'string'
    ? unreadable(slices)
    : measureSlices(spec, slices, { own: holdout.scored, other })
}

function measure(spec: MetricCheckSpec, own: Scored, other: Scored | undefined): MeasuredMetric {
  const limit = limitOf(spec)
  if (other === undefined) return measureMetric(spec.metric, own, { limit })
  const factor = spec.against.with === 'limit' ? 1 : (spec.against.factor ?? 1)
  return measurePair(spec.metric, own, other, { limit, factor })
}

function measureSlices(
  spec: MetricCheckSpec,
  slices: readonly Slice[],
  { own, other }: { readonly own: Scored; readonly other: Scored | undefined },
): CheckStatistics {
  const missing: { name: string; because: string }[] = []
  const measured: MeasuredSlice[] = []
  for (const { name, rows, remark, declaration } of slices) {
    const isNamed = namesOneSlice(declaration)
    if (rows.length > 0) {
      const reference = other && selectRows(other, rows)
      const statistics = measure(spec, selectRows(own, rows), reference)
      measured.push({ group: name, statistics, ...(isNamed ? { isNamed } : {}) })
    } else if (isNamed || remark !== undefined) {
      // A combination of a crossing that nobody has is no gap in the evidence; a slice that was asked for is.
      missing.push({ name, because: remark ?? 'no row is in it' })
    }
  }
  return { method: 'each', slices: measured, ...(missing.length > 0 ? { missing } : {}) }
}

/** `plan = team` was asked for by name; `plan` takes what there is. */
function namesOneSlice(declaration: string): boolean {
  const parsed = parseSlice(declaration)
  return !('message' in parsed) && parsed.terms.every((term) => term.kind === 'rows')
}

function slicesOf(
  each: readonly string[],
  { holdout }: GateEvidenceInput,
): readonly Slice[] | string {
  const declared = holdout.slices ?? []
  if (each.includes(declaredSlices) && declared.length === 0) {
    return 'each: slice asks for the slices of the project, and evaluate.slices declares none'
  }
  const wanted = each.flatMap((one) => (one === declaredSlices ? declared : [one]))
  const { slices, problems } = resolveSlices(
    [...new Set(wanted)],
    holdout.columns,
    rowsOf(holdout.scored),
  )
  if (problems.length === 0) return slices
  const sentences = problems.map(({ declaration, message, hint }) =>
    [`the slice "${declaration}" cannot be had: ${message}`, ...(hint ? [hint] : [])].join('. '),
  )
  return sentences.join('; ')
}

/** A metric of another task, or one these rows cannot answer (scores that are no probabilities). */
function faultOfMetric({ metric: name }: MetricCheckSpec, scored: Scored): string | undefined {
  const metric = metricFor(scored.task, name)
  if (metric !== undefined) return metric.fault(scored)
  const names = metricNames(scored.task)
  const near = didYouMean(name, names)
  const hint = near === undefined ? `its metrics: ${names.join(', ')}` : `did you mean ${near}?`
  return `${name} is not a metric of a ${scored.task} model (${hint})`
}

/** The other model on the same rows; undefined when the check is against a limit. */
function referenceOf(
  { against }: MetricCheckSpec,
  { holdout, champion, anchor, baselines }: GateEvidenceInput,
): Scored | CheckStatistics | undefined {
  if (against.with === 'limit') return undefined
  const usable = (who: string, scored: Scored | string) => {
    const fault = faultOfReference(who, scored, holdout)
    return fault !== undefined || typeof scored === 'string' ? unreadable(fault ?? who) : scored
  }
  if (against.with === 'champion') {
    if (champion === undefined) return { method: 'skipped', because: 'no champion yet' }
    return usable(`the champion ${champion.release}`, champion.scored)
  }
  if (against.with === 'anchor') {
    if (anchor !== undefined) return usable(`the anchor ${anchor.release}`, anchor.scored)
    return unreadable('no anchor is declared: write evaluate.anchor: NUMBER of a release')
  }
  const scored = baselines.get(against.name)
  if (scored !== undefined) return usable(`the baseline ${against.name}`, scored)
  const known = [...baselines.keys()].join(', ') || 'none'
  return unreadable(`there is no baseline ${against.name} (known: ${known})`)
}
