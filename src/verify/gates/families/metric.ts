// Metrics of the model: against a limit, the champion, the anchor or a baseline; over all rows or in every slice.
import { parseSlice } from '../../fairness/slice-declaration.ts'
import { knownMetricNames, parseMetricName } from '../../metrics/metric.ts'
import type { CheckFamily } from '../check-family.ts'
import { isMeasuredMetric, mismatched } from '../check-result.ts'
import type { Against, CheckProblem, CheckProblems, MetricCheckSpec } from '../check-spec.ts'
import { judgeMetric } from '../judging/judge-metric.ts'
import { judgeSlices } from '../judging/judge-slices.ts'
import { declaredSlices, measureModel } from '../judging/measure-metric.ts'
import { type Piece, parseNumber, parseShare, problemAt } from '../language/check-line.ts'
import { fail, nearestHint } from '../language/parse-parts.ts'
import type { OptionReader } from '../language/read-options.ts'

export const metricFamily: CheckFamily<MetricCheckSpec> = {
  kind: 'metric',
  names: knownMetricNames,
  options: ['each', 'mode', 'fdr', 'decide_by', 'mde'],
  forms: [
    { line: 'roc_auc >= 0.90', says: 'shown to be at least this, by the bound and not the point' },
    { line: 'roc_auc >= champion - 0.005', says: 'not worse than what serves now, same rows' },
    { line: 'log_loss <= champion * 1.01', says: 'at most a hundredth worse than what serves now' },
    { line: 'roc_auc >= anchor - 0.01', says: 'not worse than a pinned release: stops slow decay' },
    { line: 'roc_auc >= anchor - 0.01', says: 'not worse than a pinned release: stops slow decay' },
    { line: 'roc_auc > baseline(prior)', says: 'better than always answering the base rate' },
    { line: 'recall >= 0.40', options: { each: 'sex' }, says: 'in every group of a column' },
    {
      line: 'recall >= champion - 0.03',
      options: { each: 'slice', mode: 'detect_harm', fdr: '5%' },
      says: 'no declared slice is shown to be worse, false alarms kept rare',
    },
    {
      line: 'recall >= 0.60',
      options: { each: ['plan = team', 'tenure < 6', 'plan x region'] },
      says: 'shown in each of these slices, and each of them is there',
    },
    { line: 'accuracy >= 0.8', options: { decide_by: 'point' }, says: 'the plain number decides' },
    {
      line: 'recall >= champion - 0.05',
      options: { mde: 0.05 },
      says: 'passes only on rows that could show such a loss',
    },
  ],
  parse({ comparison, call }, read) {
    if (comparison === undefined || call !== undefined) return undefined
    const { left, op, right } = comparison
    const metric = parseMetricName(left.text)
    if (metric === undefined) return undefined
    if (op === '=') return fail(left, 'a metric is never exactly a number', 'Write >= or <=.')
    const against = parseAgainst(right)
    if ('message' in against) return { problems: [against] }
    const each = readEach(read)
    const id = `quality.${metric}${scopeOf(against)}`
    return {
      kind: 'metric',
      id: each === null ? id : `${id}.each(${each.join(', ')})`,
      text: `${metric} ${op} ${writeAgainst(against)}`,
      metric,
      op,
      against,
      each,
      mode: read.word('mode', ['prove_safety', 'detect_harm']),
      fdr: read.number('fdr', (value) => value > 0 && value < 1, 'a share such as 5%') ?? 0.05,
      decideBy: read.word('decide_by', ['bound', 'point']),
      mde: read.number('mde', (value) => value > 0, 'a positive difference'),
    }
  },
  measure: measureModel,
  judge(spec, statistics, settings) {
    if (statistics.method === 'each') return judgeSlices(spec, statistics, settings)
    return isMeasuredMetric(statistics) ? judgeMetric(spec, statistics, settings) : mismatched(spec)
  },
  warn: {
    read: (text) => parseShare(text)?.value,
    // With a factor what was measured is the distance to that multiple: there is no second one to ask.
    of: ({ op, against }) =>
      against.with === 'limit'
        ? { op, limit: against.limit }
        : (against.factor ?? 1) === 1
          ? { op, limit: against.margin }
          : undefined,
    at: ({ against, ...spec }, limit) => ({
      ...spec,
      against: against.with === 'limit' ? { ...against, limit } : { ...against, margin: limit },
    }),
  },
}

export function unknownMetric(at: Piece): CheckProblems {
  return fail(at, `"${at.text}" is not a metric`, nearestHint(at.text, knownMetricNames, 'metrics'))
}

function readEach(read: OptionReader): readonly string[] | null {
  const each = read.texts('each')
  if (each.length === 0) {
    for (const name of ['mode', 'fdr']) {
      if (read.has(name)) read.complain(`${name} is about slices`, 'Write each: slice beside it.')
    }
    return null
  }
  return each.map((text) => {
    if (text.trim() === declaredSlices) return declaredSlices
    const parsed = parseSlice(text)
    if (!('message' in parsed)) return parsed.text
    read.complain(`the slice "${text}" cannot be read: ${parsed.message}`, parsed.hint)
    return text
  })
}

const references = /^(champion|anchor|baseline\s*\(\s*([\w-]+)\s*\))(?:\s*([+*−-])\s*(\S+))?$/

function parseAgainst(right: Piece): Against | CheckProblem {
  const limit = parseShare(right.text)?.value
  if (limit !== undefined) return { with: 'limit', limit }
  const found = references.exec(right.text)
  if (found === null) {
    const hint =
      'Write a number, champion - 0.005, champion * 0.99, anchor - 0.01, or baseline(prior) + 0.02.'
    return problemAt(right, `"${right.text}" is nothing to compare with`, hint)
  }
  const [, subject, name, sign, amount = '0'] = found
  const relation = sign === '*' ? factorOf(amount) : marginOf(sign, amount)
  if (relation === undefined) {
    const what = sign === '*' ? 'factor' : 'margin'
    return problemAt(right, `the ${what} "${amount}" is not a number`)
  }
  if (name !== undefined) return { with: 'baseline', name, ...relation }
  return { with: subject === 'anchor' ? 'anchor' : 'champion', ...relation }
}

function factorOf(amount: string): { margin: number; factor: number } | undefined {
  const factor = amount.endsWith('%') ? parseShare(amount)?.value : parseNumber(amount)
  return factor !== undefined && factor > 0 ? { margin: 0, factor } : undefined
}

function marginOf(sign: string | undefined, amount: string): { margin: number } | undefined {
  const size = parseShare(amount)?.value
  if (size === undefined) return undefined
  return { margin: sign === '-' || sign === '−' ? -size : size }
}

function nameOfReference(against: Exclude<Against, { with: 'limit' }>): string {
  return against.with === 'baseline' ? `baseline(${against.name})` : against.with
}

function scopeOf(against: Against): string {
  return against.with === 'limit' ? '' : `.${nameOfReference(against)}`
}

function writeAgainst(against: Against): string {
  if (against.with === 'limit') return String(against.limit)
  const name = nameOfReference(against)
  const { margin, factor = 1 } = against
  if (factor !== 1) return `${name} * ${factor}`
  if (margin === 0) return name
  return `${name} ${margin < 0 ? '-' : '+'} ${Math.abs(margin)}`
}
