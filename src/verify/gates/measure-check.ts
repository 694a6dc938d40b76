// From evidence to the sufficient statistics of one check. What cannot be measured says why; nothing is guessed.
import { didYouMean } from '../../project/problems.ts'
import {
  confusionByGroup,
  countsByGroup,
  type GroupName,
  rowsByGroup,
} from '../fairness/group-counts.ts'
import { measureMetric } from '../metrics/metric-statistics.ts'
import { measurePair } from '../metrics/paired-statistics.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'
import { measureReadiness } from '../readiness/readiness-statistics.ts'
import type { CheckStatistics, MeasuredMetric } from './check-result.ts'
import type { CheckSpec, GapCheckSpec, MetricCheckSpec } from './check-spec.ts'
import { faultOfHoldout, faultOfScores, type GateEvidenceInput } from './gate-evidence.ts'

export function measureCheck(
  spec: CheckSpec,
  evidence: GateEvidenceInput,
  confidence: number,
): CheckStatistics {
  if (spec.kind === 'data') {
    return unreadable('this is a check of data; put it under the checks of a dataset')
  }
  if (spec.kind === 'readiness') {
    return evidence.readiness === undefined
      ? unreadable('readiness was not measured')
      : measureReadiness(spec.subject, evidence.readiness, confidence)
  }
  const fault = faultOfHoldout(evidence.holdout)
  if (fault !== undefined) return unreadable(fault)
  return spec.kind === 'gap' ? measureGap(spec, evidence) : measureModel(spec, evidence)
}

function measureGap(spec: GapCheckSpec, { holdout }: GateEvidenceInput): CheckStatistics {
  const groups = groupsOf(spec.by, holdout)
  if (typeof groups === 'string') return unreadable(groups)
  const counts = countsByGroup(spec.metric, confusionByGroup(holdout, groups))
  return { method: 'gap', groups: counts }
}

function measureModel(spec: MetricCheckSpec, evidence: GateEvidenceInput): CheckStatistics {
  const { holdout } = evidence
  const other = referenceOf(spec, evidence)
  if (other !== undefined && 'method' in other) return other
  const own: Scored = holdout
  const measure = (rows: Uint32Array | undefined): MeasuredMetric => {
    const mine = rows === undefined ? own : selectRows(own, rows)
    if (other === undefined) return measureMetric(spec.metric, mine)
    return measurePair(spec.metric, mine, rows === undefined ? other : selectRows(other, rows))
  }
  if (spec.each === null) return measure(undefined)
  const groups = groupsOf(spec.each, holdout)
  if (typeof groups === 'string') return unreadable(groups)
  const slices = [...rowsByGroup(groups)].map(([group, rows]) => ({
    group,
    statistics: measure(rows),
  }))
  return { method: 'each', slices }
}

/** The other model on the same rows; undefined when the check is against a limit. */
function referenceOf(
  { against }: MetricCheckSpec,
  { holdout, champion, baselines }: GateEvidenceInput,
): Scored | CheckStatistics | undefined {
  if (against.with === 'limit') return undefined
  if (against.with === 'champion') {
    if (champion === undefined) return { method: 'skipped', because: 'no champion yet' }
    const who = `the champion ${champion.release}`
    const fault = faultOfScores(who, champion.scores, holdout.labels.length)
    if (fault !== undefined) return unreadable(fault)
    const threshold = champion.threshold ?? holdout.threshold
    return { labels: holdout.labels, scores: champion.scores, threshold }
  }
  const scores = baselines.get(against.name)
  if (scores === undefined) {
    const known = [...baselines.keys()].join(', ') || 'none'
    return unreadable(`there is no baseline ${against.name} (known: ${known})`)
  }
  const fault = faultOfScores(`the baseline ${against.name}`, scores, holdout.labels.length)
  if (fault !== undefined) return unreadable(fault)
  return { labels: holdout.labels, scores, threshold: holdout.threshold }
}

/** The group of every row, or why there is none. */
function groupsOf(
  column: string,
  { groups, labels }: GateEvidenceInput['holdout'],
): readonly GroupName[] | string {
  const values = groups.get(column)
  if (values === undefined) {
    const near = didYouMean(column, [...groups.keys()])
    const hint =
      near === undefined
        ? `declared: ${[...groups.keys()].join(', ') || 'none'}`
        : `did you mean ${near}?`
    return `${column} is not among the group columns of the evaluation (${hint}); add it to evaluate.groups`
  }
  return values.length === labels.length
    ? values
    : `${values.length} values of ${column} do not match ${labels.length} rows of the holdout`
}

function unreadable(because: string): CheckStatistics {
  return { method: 'unreadable', because }
}
