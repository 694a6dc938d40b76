import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CheckSpec, hasProblems } from '../check-spec.ts'
import { familiesInOrder } from '../families.ts'
import { parseCheck } from './parse-check.ts'
import type { CheckOptions } from './read-options.ts'

function spec(text: string, options: CheckOptions = {}): CheckSpec {
  const parsed = parseCheck(text, options)
  if (hasProblems(parsed)) throw new Error(JSON.stringify(parsed.problems))
  return parsed
}

function problem(text: string, options: CheckOptions = {}) {
  const parsed = parseCheck(text, options)
  if (!hasProblems(parsed)) throw new Error(`${text} was parsed as ${JSON.stringify(parsed)}`)
  const [first] = parsed.problems
  if (first === undefined) throw new Error('no problem')
  return first
}

describe('every form of the language', () => {
  const forms: [string, CheckOptions, string, string][] = [
    ['rows >= 50_000', {}, 'data.rows', 'rows >= 50000'],
    ['rows between 5 and 1e6', {}, 'data.rows', 'rows between 5 and 1000000'],
    ['missing(age)<=1%', {}, 'data.missing(age)', 'missing(age) <= 0.01'],
    ['nonfinite(wage) = 0', {}, 'data.nonfinite(wage)', 'nonfinite(wage) = 0'],
    ['age between 0 and 90', { mostly: '99%' }, 'data.range(age)', 'age between 0 and 90'],
    [
      '"hours per week" between -1 and 99',
      {},
      'data.range(hours per week)',
      '"hours per week" between -1 and 99',
    ],
    ['income_over_50k in [0, 1]', {}, 'data.allowed(income_over_50k)', 'income_over_50k in [0, 1]'],
    ['sex in [Male, "Female"]', {}, 'data.allowed(sex)', 'sex in ["Male", "Female"]'],
    [
      'race in [Asian or Pacific Islander, White]',
      {},
      'data.allowed(race)',
      'race in ["Asian or Pacific Islander", "White"]',
    ],
    ['unique(person_id)', {}, 'data.unique(person_id)', 'unique(person_id)'],
    ['unique(a, b)', {}, 'data.unique(a+b)', 'unique(a, b)'],
    ['columns has [age, education]', {}, 'data.columns', 'columns has [age, education]'],
    ['columns = [age]', {}, 'data.columns', 'columns = [age]'],
    ['duplicates <= 0.1%', {}, 'data.duplicates', 'duplicates <= 0.1%'],
    ['label is binary', {}, 'data.binary(label)', 'label is binary'],
    ['age is integer', {}, 'data.type(age)', 'age is integer'],
    ['min(age) >= 0', {}, 'data.min(age)', 'min(age) >= 0'],
    ['roc_auc >= 0.90', {}, 'quality.roc_auc', 'roc_auc >= 0.9'],
    ['roc_auc >= champion - 0.005', {}, 'quality.roc_auc.champion', 'roc_auc >= champion - 0.005'],
    ['log_loss <= champion+0.002', {}, 'quality.log_loss.champion', 'log_loss <= champion + 0.002'],
    [
      'roc_auc > baseline(prior)',
      {},
      'quality.roc_auc.baseline(prior)',
      'roc_auc > baseline(prior)',
    ],
    [
      'roc_auc ≥ baseline(logistic) - 0.01',
      {},
      'quality.roc_auc.baseline(logistic)',
      'roc_auc >= baseline(logistic) - 0.01',
    ],
    ['ece@15u <= 0.05', {}, 'quality.ece@15u', 'ece@15u <= 0.05'],
    ['recall >= 0.4', { each: 'sex' }, 'quality.recall.each(sex)', 'recall >= 0.4'],
    ['gap(tpr) <= 0.10', { by: 'sex' }, 'fairness.gap(tpr).sex', 'gap(tpr) <= 0.1'],
    ['loads < 10s', {}, 'readiness.loads', 'loads < 10000ms'],
    ['latency p99 <= 50ms', { rate: '50/s' }, 'readiness.latency.p99', 'latency p99 <= 50ms'],
    ['size < 50MB', {}, 'readiness.size', 'size < 50000000B'],
    ['rss < 1.5GB', {}, 'readiness.rss', 'rss < 1500000000B'],
    ['parity <= 1e-5', {}, 'readiness.parity', 'parity(batch, online) <= 0.00001'],
    ['errors = 0', {}, 'readiness.errors', 'errors = 0'],
    ['errors <= 0.5%', {}, 'readiness.errors', 'errors <= 0.5%'],
    ['signature honoured', {}, 'readiness.signature', 'signature honoured'],
  ]
  for (const [text, options, id, normal] of forms) {
    it(text, () => {
      const parsed = spec(text, options)
      expect([parsed.id, parsed.text]).toEqual([id, normal])
      expect(spec(parsed.text, options), 'the normal form means the same').toEqual(parsed)
    })
  }
  it('the forms shown in errors and in the documentation are themselves understood', () => {
    for (const { line, options } of familiesInOrder.flatMap((family) => family.forms))
      expect(parseCheck(line, options ?? {}), line).not.toHaveProperty('problems')
  })
})

describe('what is wrong is shown with its place and what was meant', () => {
  const wrong: [string, CheckOptions, string, string | undefined][] = [
    ['roc_uac >= 0.9', {}, 'roc_uac', 'Did you mean roc_auc?'],
    ['roc_auc >= champoin', {}, 'champoin', 'champion - 0.005'],
    ['roc_auc >= ', {}, 'roc_auc', undefined],
    ['gap(tprr) <= 0.1', { by: 'sex' }, 'tprr', 'Did you mean tpr?'],
    ['ratio(tpr) <= 0.1', { by: 'sex' }, 'ratio(tpr)', 'ratio(tpr) >= 0.80'],
    ['gap(tpr) <= 0.1', {}, 'gap(tpr) <= 0.1', '{by: sex}'],
    ['missing(age) <= 3', {}, '3', '1%'],
    ['mising(age) <= 1%', {}, 'mising(age)', 'Did you mean missing?'],
    ['age between 90 and 0', {}, '90 and 0', 'smaller'],
    ['age is intger', {}, 'intger', 'Did you mean integer?'],
    ['latency p99 <= fast', {}, 'fast', '50ms'],
    ['latency <= 50ms', {}, 'latency', 'latency p99'],
    ['size < 50', {}, '50', 'size < 50MB'],
    ['hello', {}, 'hello', 'rows >= 50_000'],
    ['roc_auc >= 0.9', { eech: 'sex' }, 'roc_auc >= 0.9', 'Did you mean each?'],
    ['', {}, '', undefined],
  ]
  for (const [text, options, place, hint] of wrong) {
    it(text === '' ? 'an empty line' : text, () => {
      const found = problem(text, options)
      expect(text.slice(found.offset, found.offset + found.length)).toBe(place)
      if (hint !== undefined) expect(found.hint).toContain(hint)
    })
  }
  it('never throws, whatever is written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abgap(tpr)<>=[]01.% "\'-_,m') }),
        (text) => {
          parseCheck(text, {})
        },
      ),
    )
  })
})
