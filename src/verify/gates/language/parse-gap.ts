// Lines about groups: `gap(tpr) <= 0.10`, `ratio(selection_rate) >= 0.8`, `gap_to(tpr, Male) <= 0.1`, `group_min(auc) >= 0.8`,
// and the names people know: `equalized_odds <= 0.1`, `demographic_parity <= 0.1`, `equal_opportunity <= 0.1`.
import {
  type Aggregate,
  aggregates,
  isRatio,
  worstIsMost,
} from '../../fairness/group-statistics.ts'
import { knownMetricNames, metricFor, parseMetricName, tasks } from '../../metrics/metric.ts'
import type { CheckLine } from '../check-family.ts'
import type { CheckProblems, GapCheckSpec } from '../check-spec.ts'
import { type Comparison, type Piece, parseShare, piece, unquote } from './check-line.ts'
import { fail, nearestHint, writeName } from './parse-parts.ts'

/** What the line itself says. */
export interface GapLine
  extends Pick<GapCheckSpec, 'aggregate' | 'metrics' | 'op' | 'limit' | 'reference'> {
  /** The left side in normal form. */
  readonly subject: string
}

interface Known {
  readonly aggregate: 'gap' | 'ratio'
  readonly metrics: readonly string[]
}

const parity: readonly string[] = ['selection_rate']
const opportunity: readonly string[] = ['recall']
const odds: readonly string[] = ['recall', 'fpr']

/** Names without brackets; `_difference` as Fairlearn writes it. */
const knownChecks: Readonly<Record<string, Known>> = {
  demographic_parity: { aggregate: 'gap', metrics: parity },
  demographic_parity_difference: { aggregate: 'gap', metrics: parity },
  demographic_parity_ratio: { aggregate: 'ratio', metrics: parity },
  disparate_impact: { aggregate: 'ratio', metrics: parity },
  equal_opportunity: { aggregate: 'gap', metrics: opportunity },
  equal_opportunity_difference: { aggregate: 'gap', metrics: opportunity },
  equal_opportunity_ratio: { aggregate: 'ratio', metrics: opportunity },
  equalized_odds: { aggregate: 'gap', metrics: odds },
  equalized_odds_difference: { aggregate: 'gap', metrics: odds },
  equalized_odds_ratio: { aggregate: 'ratio', metrics: odds },
}

export const gapNames: readonly string[] = [...aggregates, ...Object.keys(knownChecks)]

/** Undefined when the line is about something else. */
export function parseGapLine({ comparison, call }: CheckLine): GapLine | CheckProblems | undefined {
  if (comparison === undefined) return undefined
  const { left } = comparison
  const name = call?.name ?? left.text
  const known = Object.hasOwn(knownChecks, name) ? knownChecks[name] : undefined
  if (known !== undefined) {
    if (call !== undefined)
      return fail(
        left,
        `${name} takes nothing in brackets`,
        `Write ${name} ${comparison.op} ${comparison.right.text}.`,
      )
    return withLimit({ ...known, subject: name, reference: null }, comparison)
  }
  const aggregate = aggregates.find((one) => one === name)
  if (aggregate === undefined) return undefined
  if (call === undefined) return fail(left, `${name} needs a metric`, `Write ${name}(tpr).`)
  const found = readArgument(aggregate, call.argument)
  return 'problems' in found ? found : withLimit({ aggregate, ...found }, comparison)
}

type Subject = Pick<GapLine, 'aggregate' | 'metrics' | 'subject' | 'reference'>

/** The metric, and after a comma the reference group; a metric may hold commas itself. */
function readArgument(
  aggregate: Aggregate,
  argument: Piece,
): Omit<Subject, 'aggregate'> | CheckProblems {
  if (argument.text === '')
    return fail(argument, `${aggregate} needs a metric`, `Write ${aggregate}(tpr).`)
  const whole = parseMetricName(argument.text)
  const takesGroup = aggregate === 'gap_to' || aggregate === 'ratio_to'
  if (whole !== undefined) {
    const subject = `${aggregate}(${argument.text})`
    return { metrics: [whole], subject, reference: null }
  }
  const comma = takesGroup ? argument.text.lastIndexOf(',') : -1
  const name = comma < 0 ? argument : { ...argument, text: argument.text.slice(0, comma).trim() }
  const metric = comma < 0 ? undefined : parseMetricName(name.text)
  if (metric === undefined) {
    return fail(
      name,
      `"${name.text}" is not a metric`,
      nearestHint(name.text, knownMetricNames, 'metrics'),
    )
  }
  const group = piece(argument.text, comma + 1, argument.text.length)
  const reference = unquote(group.text)
  if (reference === '')
    return fail(argument, 'the group is missing', `Write ${aggregate}(${name.text}, Male).`)
  const subject = `${aggregate}(${name.text}, ${writeName(reference)})`
  return { metrics: [metric], subject, reference }
}

function withLimit(subject: Subject, { left, op, right }: Comparison): GapLine | CheckProblems {
  const { aggregate, subject: words } = subject
  const isFromAbove = worstIsMost(aggregate)
  const example = isFromAbove ? '<= 0.10' : '>= 0.80'
  if (op === '=' || op.startsWith('<') !== isFromAbove) {
    const side = isFromAbove ? 'above' : 'below'
    const what = aggregate.includes('gap') ? 'a gap' : isRatio(aggregate) ? 'a ratio' : words
    return fail(left, `${what} is bounded from ${side}`, `Write ${words} ${example}.`)
  }
  const limit = parseShare(right.text)?.value
  const [least, most, what] = allowed(subject)
  if (limit === undefined || limit < least || limit > most) {
    return fail(
      right,
      `"${right.text}" is not ${what}`,
      `Write ${example.slice(3)} or ${isFromAbove ? '10%' : '80%'}.`,
    )
  }
  return { ...subject, op, limit }
}

/** What a limit may be, by what the metric can be. */
function allowed({ aggregate, metrics }: Subject): readonly [number, number, string] {
  if (isRatio(aggregate)) return [0, 1, 'a ratio between 0 and 1']
  const ranges = metrics.flatMap((name) =>
    tasks.flatMap((task) => metricFor(task, name)?.range ?? []),
  )
  const least = Math.min(...ranges)
  const most = Math.max(...ranges)
  if (aggregate === 'group_min' || aggregate === 'group_max')
    return [least, most, 'a value the metric can have']
  return [0, most - least, most - least === 1 ? 'a difference of rates' : 'a difference']
}
