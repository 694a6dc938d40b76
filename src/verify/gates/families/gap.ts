// Fairness: how a metric differs between the groups of a column, of several, or of their combinations.

import { didYouMean } from '../../../project/problems.ts'
import { binnedGroups, groupColumn } from '../../fairness/binned-groups.ts'
import { nameOfGroup } from '../../fairness/group-counts.ts'
import { type GroupPanel, panelsOf } from '../../fairness/group-panels.ts'
import { measureGroups } from '../../fairness/measure-groups.ts'
import { type Metric, metricFor, metricNames } from '../../metrics/metric.ts'
import type { CheckFamily, PartOf } from '../check-family.ts'
import { type CheckStatistics, type GateSettings, mismatched } from '../check-result.ts'
import type { GapCheckSpec } from '../check-spec.ts'
import { faultOfHoldout, groupsOf, type HoldoutEvidence, unreadable } from '../gate-evidence.ts'
import { judgeGap } from '../judging/judge-gap.ts'
import { parseShare } from '../language/check-line.ts'
import { type GapLine, gapNames, parseGapLine } from '../language/parse-gap.ts'
import type { OptionReader } from '../language/read-options.ts'

export const gapFamily: CheckFamily<GapCheckSpec> = {
  kind: 'gap',
  names: gapNames,
  options: ['by', 'intersect', 'given', 'reference', 'small_groups'],
  forms: [
    {
      line: 'gap(tpr) <= 0.10',
      options: { by: 'sex' },
      says: 'the true-positive rates of no two groups differ by more',
    },
    {
      line: 'ratio(selection_rate) >= 0.80',
      options: { by: ['sex', 'race'], intersect: true, given: 'region' },
      says: 'lowest over highest, among all combinations, in every region',
    },
    {
      line: 'gap_to_overall(precision) <= 0.05',
      options: { by: 'sex' },
      says: 'no group is farther from all rows together',
    },
    {
      line: 'gap_to(fpr, Male) <= 0.05',
      options: { by: 'sex' },
      says: 'no group is farther from the reference group',
    },
    {
      line: 'gap(selection_rate) <= 0.10',
      options: { by: 'age@[30, 50]' },
      says: 'between bins of a number: by edges, or age@quartiles',
    },
    {
      line: 'group_min(roc_auc) >= 0.80',
      options: { by: 'race' },
      says: 'every group reaches the value; group_max for what must stay low',
    },
    {
      line: 'equalized_odds <= 0.10',
      options: { by: 'sex' },
      says: 'true-positive and false-positive rates together; also demographic_parity and equal_opportunity',
    },
  ],
  parse(line, read) {
    const found = parseGapLine(line)
    if (found === undefined || 'problems' in found) return found
    return withGroups(found, read)
  },
  measure: (spec, { holdout }, settings) => measureGap(spec, holdout, settings),
  judge(spec, statistics, settings) {
    if (statistics.method !== 'groups') return mismatched(spec)
    const { resampled } = statistics
    // The recorded quantiles belong to one confidence.
    if (resampled !== undefined && resampled.confidence !== settings.confidence)
      return mismatched(spec)
    return judgeGap(spec, statistics, settings)
  },
  warn: {
    read: (text) => parseShare(text)?.value,
    of: ({ op, limit }) => ({ op, limit }),
    at: (spec, limit) => ({ ...spec, limit }),
  },
}

function withGroups(line: GapLine, read: OptionReader): PartOf<GapCheckSpec> {
  const by = read.texts('by')
  const intersect = read.flag('intersect')
  const given = read.texts('given')
  if (!read.has('by')) {
    const hint = `Write {"${line.subject} ${line.op} ${line.limit}": {by: sex}}.`
    read.complain('a gap needs the column of the groups', hint)
  }
  if (intersect && by.length === 1)
    read.complain('intersect needs two columns or more', 'Write by: [sex, race].')
  const twice = [...by, ...given].find((name, at, all) => all.indexOf(name) !== at)
  if (twice !== undefined) read.complain(`${twice} is named twice in by and given`)
  const { aggregate, reference } = withReference(line, read)
  const scope = `${by.join(intersect ? ' x ' : ',')}${given.length > 0 ? `.given(${given.join(',')})` : ''}`
  const subject = line.reference === reference || reference === null ? '' : `.to(${reference})`
  return {
    kind: 'gap',
    id: `fairness.${line.subject}${subject}.${scope}`,
    text: `${line.subject} ${line.op} ${line.limit}`,
    aggregate,
    reference,
    metrics: line.metrics,
    op: line.op,
    limit: line.limit,
    by,
    intersect,
    given,
    smallGroups: read.word('small_groups', ['insufficient', 'ignore']),
  }
}

/** `gap(tpr)` with `reference: Male` is `gap_to(tpr, Male)`. */
function withReference(
  { aggregate, reference }: GapLine,
  read: OptionReader,
): Pick<GapCheckSpec, 'aggregate' | 'reference'> {
  const option = read.text('reference')
  if (aggregate === 'gap_to' || aggregate === 'ratio_to') {
    const chosen = reference ?? option
    if (chosen === null)
      read.complain(`${aggregate} needs a reference group`, `Write ${aggregate}(tpr, Male).`)
    if (reference !== null && option !== null)
      read.complain('the reference group is given twice', 'Leave the option out.')
    return { aggregate, reference: chosen }
  }
  if (option === null) return { aggregate, reference: null }
  if (aggregate === 'gap') return { aggregate: 'gap_to', reference: option }
  if (aggregate === 'ratio') return { aggregate: 'ratio_to', reference: option }
  read.complain(`${aggregate} compares with no reference group`, 'Leave the option out.')
  return { aggregate, reference: null }
}

/** Pairs grow with the square of the groups; beyond this the resampling takes minutes. */
const mostResampled = 60

function measureGap(
  spec: GapCheckSpec,
  holdout: HoldoutEvidence,
  settings: GateSettings,
): CheckStatistics {
  const { scored } = holdout
  const fault = faultOfHoldout(holdout)
  if (fault !== undefined) return unreadable(fault)
  const metrics: Metric[] = []
  for (const name of spec.metrics) {
    const metric = metricFor(scored.task, name)
    if (metric === undefined) {
      const known = metricNames(scored.task).join(', ')
      return unreadable(`${name} is not a metric of a ${scored.task} model (${known})`)
    }
    const unfit = metric.fault(scored)
    if (unfit !== undefined) return unreadable(unfit)
    metrics.push(metric)
  }
  const panels = panelsOf(spec, (by) => {
    const column = groupColumn(by)
    const groups = groupsOf(column, holdout)
    if (typeof groups === 'string' || column === by) return groups
    return binnedGroups(by, holdout.columns.get(column) ?? []) ?? groups
  })
  if (typeof panels === 'string') return unreadable(panels)
  const absent = faultOfReference(spec, panels)
  if (absent !== undefined) return unreadable(absent)
  const { confidence, minSupport } = settings
  const isCounted = metrics.every(({ count }) => count !== undefined)
  const largest = Math.max(
    ...panels.map(({ groups }) => groups.filter(({ rows }) => rows.length >= minSupport).length),
  )
  if (!isCounted && largest > mostResampled) {
    return unreadable(
      `${spec.by.join(' x ')} has ${largest} groups, at most ${mostResampled} can be compared in ${spec.metrics.join(' and ')}; use coarser groups`,
    )
  }
  const { aggregate, reference } = spec
  return measureGroups({ scored, metrics, panels, aggregate, reference, confidence, minSupport })
}

function faultOfReference(
  { reference, by }: GapCheckSpec,
  panels: readonly GroupPanel[],
): string | undefined {
  if (reference === null) return undefined
  for (const column of new Set(panels.map((panel) => panel.by))) {
    const groups = panels.filter((panel) => panel.by === column).flatMap((panel) => panel.groups)
    const names = [...new Set(groups.map(({ group }) => group))]
    if (names.includes(reference)) continue
    const near = didYouMean(reference, names)
    const hint =
      near === undefined ? `groups: ${names.slice(0, 8).join(', ')}` : `did you mean ${near}?`
    return `the reference ${nameOfGroup(reference)} is not a group of ${by.length === 1 ? by[0] : column} (${hint})`
  }
  return undefined
}
