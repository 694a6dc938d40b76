// Fairness gaps: pass when the gap is shown to be within the limit, fail when some pair of groups is shown to be beyond it.
import { findGap, rateOf } from '../fairness/gap.ts'
import { type GroupCount, nameOfGroup } from '../fairness/group-counts.ts'
import { metricWords } from '../metrics/binary-metrics.ts'
import { formatCount, formatOp, formatRate } from '../statistics/number-words.ts'
import { judgeBounds } from '../statistics/verdict.ts'
import type { GateSettings, Judgement } from './check-result.ts'
import type { GapCheckSpec } from './check-spec.ts'
import { rowsNeeded } from './judge-metric.ts'

export function judgeGap(
  spec: GapCheckSpec,
  groups: readonly GroupCount[],
  settings: GateSettings,
): Judgement {
  const { gap, supported, unsupported } = findGap(groups, settings)
  const { words, counted } = metricWords[spec.metric]
  const subject = `${words} gap by ${spec.by}`
  const denominators = groups.map((group) => ({
    name: nameOfGroup(group.group),
    n: group.trials,
    ...(group.trials > 0 ? { estimate: rateOf(group) } : {}),
  }))
  const shared = { method: 'Newcombe pairs, Šidák', limit: spec.limit, denominators }
  const small =
    unsupported.length === 0
      ? ''
      : `; fewer than ${settings.minSupport} ${counted}: ${sizesOf(unsupported)}`
  if (gap === undefined) {
    const found = supported.length === 1 ? 'only one group has' : 'no group has'
    const because = `${subject} cannot be judged: ${found} at least ${settings.minSupport} ${counted}${small}`
    return { verdict: 'insufficient', because, ...shared }
  }
  const { estimate, lower, upper, highest, lowest } = gap
  const n = Math.min(highest.trials, lowest.trials)
  const percent = Number((settings.confidence * 100).toPrecision(4))
  const measured = `${subject} is ${formatRate(estimate)} (${percent} % bounds ${formatRate(lower)} to ${formatRate(upper)}), allowed ${formatOp(spec.op)} ${formatRate(spec.limit)}: ${rateWords(highest)}, ${rateWords(lowest)}`
  const numbers = { ...shared, estimate, lower, upper, n }
  const verdict = judgeBounds({ lower, upper, limit: spec.limit, op: spec.op })
  if (verdict === 'pass' && unsupported.length > 0 && spec.smallGroups === 'insufficient') {
    return { verdict: 'insufficient', because: `${measured}${small}`, ...numbers }
  }
  if (verdict !== 'insufficient') return { verdict, because: measured + small, ...numbers }
  const neededRows = rowsNeeded({ estimate, lower, upper, n }, spec.limit)
  const more =
    neededRows === undefined
      ? ''
      : `; about ${formatCount(neededRows)} ${counted} in the smaller group would decide it`
  return {
    verdict,
    because: `${measured}; the bounds do not decide it${more}${small}`,
    ...numbers,
    ...(neededRows === undefined ? {} : { neededRows }),
  }
}

function rateWords(group: GroupCount): string {
  return `${nameOfGroup(group.group)} ${formatRate(rateOf(group))} of ${formatCount(group.trials)}`
}

function sizesOf(groups: readonly GroupCount[]): string {
  return groups.map(({ group, trials }) => `${nameOfGroup(group)} ${trials}`).join(', ')
}
