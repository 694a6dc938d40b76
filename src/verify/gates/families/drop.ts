// Robustness: what a model loses when its inputs get worse (`drop(roc_auc) <= 0.02`, `flips <= 1%`), whether it stays finite at
// the ends of its inputs, and whether its score follows a column in one direction.
import { metricFor, parseMetricName, tasks } from '../../metrics/metric.ts'
import { parsePerturbation, perturbationForms } from '../../readiness/perturbation.ts'
import { type RobustnessStatistics, robustnessStatistics } from '../../readiness/robustness.ts'
import type { CheckFamily, CheckLine, PartOf } from '../check-family.ts'
import { type CheckStatistics, mismatched } from '../check-result.ts'
import type { CheckProblems, DropCheckSpec } from '../check-spec.ts'
import { faultOfHoldout, unreadable } from '../gate-evidence.ts'
import { judgeDrop } from '../judging/judge-drop.ts'
import { type Comparison, type Piece, parseShare, unquote } from '../language/check-line.ts'
import { fail, nearestHint, writeName } from '../language/parse-parts.ts'
import type { OptionReader } from '../language/read-options.ts'

type Part = PartOf<DropCheckSpec>
type Bare = Omit<Part, 'perturb' | 'columns'>

export const dropFamily: CheckFamily<DropCheckSpec> = {
  kind: 'drop',
  names: ['drop', 'flips', 'finite', 'monotone'],
  options: ['perturb', 'columns'],
  forms: [
    {
      line: 'drop(roc_auc) <= 0.02',
      options: { perturb: ['missing(5%)', 'noise(0.1sd)', 'unseen_category'] },
      says: 'no perturbation of the inputs costs more of the metric, same rows',
    },
    {
      line: 'flips <= 1%',
      options: { perturb: ['typo', 'case', 'whitespace'] },
      says: 'no perturbation changes the label of more rows',
    },
    { line: 'finite(extreme_values)', says: 'the ends of every input give numbers or a reason' },
    { line: 'monotone(score, tenure, up)', says: 'more of the column never lowers the score' },
  ],
  parse(line, read) {
    const bare = parseBare(line)
    if (bare === undefined || 'problems' in bare) return bare
    return withPerturbations(bare, read)
  },
  measure(spec, { holdout, robustness }) {
    const fault = faultOfHoldout(holdout)
    if (fault !== undefined) return unreadable(fault)
    return robustness === undefined
      ? unreadable('robustness was not measured')
      : robustnessStatistics(spec, robustness)
  },
  judge: (spec, statistics, settings) =>
    isRobustness(statistics) ? judgeDrop(spec, statistics, settings) : mismatched(spec),
  warn: {
    read: (text) => parseShare(text)?.value,
    of: ({ op, limit, subject }) =>
      subject.what === 'drop' || subject.what === 'flips' ? { op, limit } : undefined,
    at: (spec, limit) => ({ ...spec, limit }),
  },
}

const methods: readonly string[] = ['drop', 'flips', 'finite', 'monotone']

function isRobustness(statistics: CheckStatistics): statistics is RobustnessStatistics {
  return methods.includes(statistics.method)
}

function parseBare({ whole, comparison, call }: CheckLine): Bare | CheckProblems | undefined {
  if (comparison === undefined) return call === undefined ? undefined : parseCallOnly(whole, call)
  if (call?.name === 'drop') return parseDrop(call.argument, comparison)
  return comparison.left.text === 'flips' ? parseFlips(comparison) : undefined
}

function parseDrop(argument: Piece, { left, op, right }: Comparison): Bare | CheckProblems {
  const metric = parseMetricName(argument.text)
  if (metric === undefined) {
    const known = tasks.flatMap((task) => {
      const found = metricFor(task, argument.text)
      return found === undefined ? [] : [found.name]
    })
    const hint = nearestHint(argument.text, [...known, 'roc_auc', 'recall', 'rmse'], 'metrics')
    return fail(argument, `"${argument.text}" is not a metric`, hint)
  }
  const limit = parseShare(right.text)?.value
  if (limit === undefined || limit < 0)
    return fail(right, `"${right.text}" is not a loss`, `Write drop(${metric}) <= 0.02.`)
  if (op !== '<' && op !== '<=')
    return fail(left, 'a drop is bounded from above', `Write drop(${metric}) <= 0.02.`)
  const text = `drop(${metric}) ${op} ${limit}`
  return {
    kind: 'drop',
    id: `robustness.drop(${metric})`,
    text,
    subject: { what: 'drop', metric },
    op,
    limit,
  }
}

function parseFlips({ left, op, right }: Comparison): Bare | CheckProblems {
  const limit = parseShare(right.text)?.value
  if (limit === undefined || limit < 0 || limit > 1)
    return fail(right, `"${right.text}" is not a share of rows`, 'Write flips <= 1%.')
  if (op !== '<' && op !== '<=')
    return fail(left, 'flips are bounded from above', 'Write flips <= 1%.')
  const text = `flips ${op} ${limit}`
  return { kind: 'drop', id: 'robustness.flips', text, subject: { what: 'flips' }, op, limit }
}

function parseCallOnly(
  whole: Piece,
  { name, argument }: { readonly name: string; readonly argument: Piece },
): Bare | CheckProblems | undefined {
  const exact = { kind: 'drop', op: '<=', limit: 0 } as const
  if (name === 'finite') {
    return argument.text === 'extreme_values'
      ? {
          ...exact,
          id: 'robustness.finite',
          text: 'finite(extreme_values)',
          subject: { what: 'finite' },
        }
      : fail(argument, `finite(${argument.text}) is not known`, 'Write finite(extreme_values).')
  }
  if (name !== 'monotone') return undefined
  const [subject, column = '', direction, ...more] = argument.text
    .split(',')
    .map((one) => one.trim())
  if (subject !== 'score' || column === '' || more.length > 0 || !isDirection(direction))
    return fail(
      whole,
      'monotone needs a column and a direction',
      'Write monotone(score, tenure, up).',
    )
  const named = unquote(column)
  const text = `monotone(score, ${writeName(named)}, ${direction})`
  const id = `robustness.monotone(${named}).${direction}`
  return { ...exact, id, text, subject: { what: 'monotone', column: named, direction } }
}

function isDirection(word: string | undefined): word is 'up' | 'down' {
  return word === 'up' || word === 'down'
}

function withPerturbations(bare: Bare, read: OptionReader): Part {
  const columns = read.has('columns') ? read.texts('columns') : null
  const written = read.texts('perturb')
  const isPerturbed = bare.subject.what === 'drop' || bare.subject.what === 'flips'
  if (isPerturbed && written.length === 0)
    read.complain(
      'the check needs its perturbations',
      `Write {"${bare.text}": {perturb: [missing(5%), noise(0.1sd)]}}. There are ${perturbationForms.join(', ')}.`,
    )
  const perturb = written.flatMap((text) => {
    const parsed = parsePerturbation(text)
    if (typeof parsed === 'string') {
      read.complain(parsed)
      return []
    }
    if (parsed.kind === 'permute' && parsed.columns.length === 0 && columns === null)
      read.complain('permute needs the column whose values are mixed', 'Write permute(tenure).')
    return [parsed]
  })
  return { ...bare, perturb: isPerturbed ? perturb : [], columns }
}
