import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../foundation/random.ts'
import type { BinaryScored } from '../../metrics/scored.ts'
import { hasProblems } from '../check-spec.ts'
import type { ColumnValue, GateEvidenceInput } from '../gate-evidence.ts'
import { gateDefaults, judgeGates } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'
import { replayReport } from '../replay-check.ts'

type Options = Readonly<Record<string, unknown>>

/** Women of the south are scored lower by `bias`. */
function evidenceOf({ rows = 8000, bias = 0, seed = 'gap' } = {}): GateEvidenceInput {
  const random = randomStream(seed, 'test')
  const labels = new Uint8Array(rows)
  const scores = new Float64Array(rows)
  const sex: ColumnValue[] = []
  const region: ColumnValue[] = []
  const age: ColumnValue[] = []
  for (let row = 0; row < rows; row++) {
    const own = random.next() < 0.45 ? 'Female' : 'Male'
    const place = random.next() < 0.5 ? 'north' : 'south'
    const label = random.next() < 0.4 ? 1 : 0
    const harm = own === 'Female' && place === 'south' ? bias : 0
    labels[row] = label
    scores[row] = 1 / (1 + Math.exp(-(random.normal() + 2 * label - 1 - harm)))
    sex.push(own)
    region.push(place)
    age.push(18 + random.below(60))
  }
  const scored: BinaryScored = { task: 'binary', labels, scores, threshold: 0.5 }
  const columns = new Map([
    ['sex', sex],
    ['region', region],
    ['age', age],
  ])
  return { holdout: { scored, columns }, baselines: new Map() }
}

function ask(evidence: GateEvidenceInput, text: string, options: Options = { by: 'sex' }) {
  const checks = [{ text, options, position: null }]
  const report = judgeGates({
    gates: [{ name: 'fairness', checks }],
    evidence,
    defaults: gateDefaults,
  })
  const kept = JSON.parse(JSON.stringify(report)) as typeof report
  expect(replayReport(kept)).toMatchObject([{ agrees: true }])
  const [check] = report.gates[0]?.checks ?? []
  if (check === undefined) throw new Error('no check')
  return check
}

const fair = evidenceOf()
const unfair = evidenceOf({ bias: 1.2 })

describe('a check of groups', () => {
  it.each<[string, Options]>([
    ['gap(tpr) <= 0.10', { by: 'sex' }],
    ['ratio(selection_rate) >= 0.80', { by: 'sex' }],
    ['gap_to_overall(ppv) <= 0.10', { by: 'sex' }],
    ['ratio_to_overall(npv) >= 0.80', { by: 'sex' }],
    ['gap_to(fpr, Male) <= 0.10', { by: 'sex' }],
    ['ratio_to(accuracy, Male) >= 0.80', { by: 'sex' }],
    ['group_min(tnr) >= 0.60', { by: 'sex' }],
    ['group_max(fnr) <= 0.40', { by: 'sex' }],
    ['equalized_odds <= 0.10', { by: 'sex' }],
    ['demographic_parity <= 0.10', { by: ['sex', 'region'] }],
    ['equal_opportunity <= 0.15', { by: ['sex', 'region'], intersect: true }],
    ['gap(fdr) <= 0.15', { by: 'sex', given: 'region' }],
    ['gap(for) <= 0.10', { by: 'sex' }],
    ['gap(roc_auc) <= 0.05', { by: 'sex' }],
    ['gap(balanced_accuracy) <= 0.10', { by: 'sex' }],
    ['ratio(brier) >= 0.70', { by: 'sex' }],
    ['group_max(log_loss) <= 0.60', { by: 'sex' }],
    ['gap_to_overall(average_precision) <= 0.10', { by: 'sex' }],
    ['gap(ece) <= 0.10', { by: 'sex' }],
  ])('%s passes for a fair model', (text, options) => {
    const { verdict, because, lower = 1, upper = 0, estimate = -1 } = ask(fair, text, options)
    expect([verdict, because]).toEqual(['pass', because])
    expect(lower).toBeLessThanOrEqual(estimate + 1e-12)
    expect(upper).toBeGreaterThanOrEqual(estimate - 1e-12)
  })

  it('fails in one sentence that names the groups, their rates and sizes', () => {
    const all = { by: ['sex', 'region'], intersect: true }
    expect(ask(unfair, 'equal_opportunity <= 0.1', all).because).toMatch(
      /^true-positive rate gap by sex x region is 0\.\d{3} \(95 % bounds 0\.\d{3} to 0\.\d{3}\), allowed ≤ 0\.100: \w+ x \w+ 0\.\d{3} of \d{3}, Female x south 0\.\d{3} of \d{3}$/,
    )
    expect(ask(unfair, 'gap(roc_auc) <= 0.01', { by: 'sex' }).method).toMatch(/max-\|T\|/)
  })

  it('says in which stratum it does not hold, although all rows together look better', () => {
    const inside = ask(unfair, 'gap(tpr) <= 0.25', { by: 'sex', given: 'region' })
    expect(inside.verdict).toBe('fail')
    expect(inside.because).toContain(': in region=south Male 0.')
    expect(ask(unfair, 'gap(tpr) <= 0.25').verdict).toBe('pass')
    expect(inside.denominators?.map(({ name }) => name)).toContain('region=north: Female')
  })

  it('names the rate of equalized odds that differs', () => {
    expect(ask(unfair, 'equalized_odds <= 0.05').because).toMatch(
      /^equalized odds gap by sex .*: true-positive rate Male/,
    )
  })

  it('undecided says how many more rows in which group would decide it', () => {
    const few = ask(evidenceOf({ rows: 500 }), 'gap(tpr) <= 0.15')
    expect(few.verdict).toBe('insufficient')
    expect(few.because).toMatch(
      /the bounds do not decide it; about [\d,]+ positives in Female \(there are 91\) and [\d,]+ positives in Male \(there are 111\) would decide it$/,
    )
    expect(few.neededRows).toBeGreaterThan(100)
  })

  it('compares bins of a number', () => {
    const found = ask(fair, 'gap(tpr) <= 0.15', { by: 'age@[30, 50]' })
    expect(found.verdict).toBe('pass')
    expect(found.denominators?.map(({ name }) => name)).toEqual([
      'age < 30',
      'age >= 50',
      'age in [30, 50)',
    ])
    expect(ask(fair, 'gap(tpr) <= 0.15', { by: 'sex@quartiles' })).toMatchObject({
      verdict: 'error',
      because: 'sex is not numeric, it cannot be cut into bins',
    })
  })

  it('gives every group an interval of its own', () => {
    for (const text of ['gap(tpr) <= 0.1', 'gap(roc_auc) <= 0.1']) {
      for (const { estimate = -1, lower = 1, upper = 0 } of ask(fair, text).denominators ?? []) {
        expect(lower).toBeLessThan(estimate)
        expect(upper).toBeGreaterThan(estimate)
      }
    }
  })

  it('warns between the two limits', () => {
    const warned = ask(unfair, 'gap(tpr) <= 0.5', { by: 'sex', warn: 0.05 })
    expect(warned.verdict).toBe('warn')
  })

  it('lists combinations without rows and does not wait for them', () => {
    const { scored, columns } = fair.holdout
    const town = columns.get('region')?.map((place, row) => {
      if (place === 'north') return 'hill'
      return columns.get('sex')?.[row] === 'Male' ? 'port' : 'hill'
    })
    const evidence = {
      ...fair,
      holdout: { scored, columns: new Map([...columns, ['town', town ?? []]]) },
    }
    const found = ask(evidence, 'gap(tpr) <= 0.2', { by: ['sex', 'town'], intersect: true })
    expect(found.verdict).toBe('pass')
    expect(found.because).toMatch(/; no rows: Female x port$/)
  })

  it('counts weighted or clustered rows by resampling, never as a binomial', () => {
    const { scored, columns } = fair.holdout
    const rows = scored.labels.length
    const pairs = Uint32Array.from({ length: rows }, (_, row) => row >> 3)
    const clustered = { ...fair, holdout: { scored: { ...scored, clusters: pairs }, columns } }
    const found = ask(clustered, 'gap(tpr) <= 0.10')
    expect(found.method).toMatch(/max-\|T\|/)
    const weights = new Float64Array(rows).fill(1)
    const weighted = { ...fair, holdout: { scored: { ...scored, weights }, columns } }
    expect(ask(weighted, 'gap(tpr) <= 0.10').estimate).toBeCloseTo(found.estimate ?? 0, 10)
  })

  it('shows the number of Fairlearn where it is another one', () => {
    const { scored, columns } = fair.holdout
    const sex = columns
      .get('sex')
      ?.map((own, row) => (scored.labels[row] === 0 && row < 90 ? 'None' : own))
    const evidence = { ...fair, holdout: { scored, columns: new Map([['sex', sex ?? []]]) } }
    const { compat, verdict, because } = ask(evidence, 'gap(tpr) <= 0.9')
    expect(verdict).toBe('insufficient')
    expect(because).toContain('fewer than 30 positives: None 0')
    expect(compat).toMatch(/^Fairlearn: 0\.\d{3} \(a rate without a denominator counts as 0\)$/)
    expect(ask(fair, 'gap(tpr) <= 0.1').compat).toBeUndefined()
  })
})

describe('a regression model', () => {
  const random = randomStream('regression', 'test')
  const labels = Float64Array.from({ length: 3000 }, () => random.normal())
  const scores = labels.map((label) => label + 0.5 * random.normal())
  const sex = Array.from(labels, (_, row) => (row % 3 === 0 ? 'Female' : 'Male'))
  const evidence: GateEvidenceInput = {
    holdout: { scored: { task: 'regression', labels, scores }, columns: new Map([['sex', sex]]) },
    baselines: new Map(),
  }
  it('is judged by its errors in groups', () => {
    expect(ask(evidence, 'gap(mae) <= 0.1').verdict).toBe('pass')
    expect(ask(evidence, 'group_max(rmse) <= 0.6').verdict).toBe('pass')
    expect(ask(evidence, 'ratio(mae) >= 0.95').verdict).toBe('insufficient')
  })
  it('has no true-positive rate', () => {
    expect(ask(evidence, 'gap(tpr) <= 0.1')).toMatchObject({
      verdict: 'error',
      because: expect.stringContaining('recall is not a metric of a regression model'),
    })
  })
})

describe('a line about groups that is wrong', () => {
  const problems = (text: string, options: Options = { by: 'sex' }) => {
    const parsed = parseCheck(text, options)
    return hasProblems(parsed)
      ? parsed.problems.map(({ message, hint = '' }) => `${message}. ${hint}`).join('; ')
      : ''
  }
  it.each<[string, Options, string]>([
    ['gap(tpr) >= 0.1', { by: 'sex' }, 'a gap is bounded from above. Write gap(tpr) <= 0.10.'],
    ['ratio(tpr) <= 0.8', { by: 'sex' }, 'a ratio is bounded from below'],
    ['gap(tprr) <= 0.1', { by: 'sex' }, 'Did you mean tpr?'],
    ['gap_to(tpr) <= 0.1', { by: 'sex' }, 'gap_to needs a reference group'],
    ['gap() <= 0.1', { by: 'sex' }, 'gap needs a metric'],
    ['gap <= 0.1', { by: 'sex' }, 'gap needs a metric. Write gap(tpr).'],
    ['equalized_odds(tpr) <= 0.1', { by: 'sex' }, 'takes nothing in brackets'],
    ['gap(tpr) <= 1.2', { by: 'sex' }, '"1.2" is not a difference of rates'],
    ['ratio(tpr) >= 80', { by: 'sex' }, '"80" is not a ratio between 0 and 1'],
    ['gap(tpr) <= 0.1', {}, 'needs the column of the groups'],
    ['gap(tpr) <= 0.1', { by: 'sex', intersect: true }, 'intersect needs two columns'],
    ['gap(tpr) <= 0.1', { by: 'sex', given: 'sex' }, 'sex is named twice'],
    ['group_min(tpr) >= 0.1', { by: 'sex', reference: 'Male' }, 'no reference group'],
    ['gap(tpr) <= 0.1', { by: 'sex', refernce: 'Male' }, 'Did you mean reference?'],
  ])('%s says so', (text, options, words) => {
    expect(problems(text, options)).toContain(words)
  })
  it('is an error on the data when a column or a group is not there', () => {
    expect(ask(fair, 'gap(tpr) <= 0.1', { by: 'sxe' }).because).toContain('did you mean sex?')
    expect(ask(fair, 'gap_to(tpr, Mle) <= 0.1')).toMatchObject({
      verdict: 'error',
      because: 'the reference Mle is not a group of sex (did you mean Male?)',
    })
  })
})
