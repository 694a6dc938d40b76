import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../foundation/random.ts'
import type { BinaryScored } from '../../metrics/scored.ts'
import { type CheckSpec, hasProblems, type MetricCheckSpec } from '../check-spec.ts'
import { familyOf } from '../families.ts'
import type { GateEvidenceInput } from '../gate-evidence.ts'
import { judgeCheck } from '../judge-check.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'

type Options = Readonly<Record<string, unknown>>

function metricCheck(line: string, options: Options = {}): MetricCheckSpec {
  const spec: CheckSpec | object = parseCheck(line, options)
  if (hasProblems(spec) || !('kind' in spec) || spec.kind !== 'metric')
    throw new Error(JSON.stringify(spec))
  return spec
}

/** Through JSON, as a recorded check is replayed. */
function ask(evidence: GateEvidenceInput, line: string, options: Options = {}) {
  const spec = metricCheck(line, options)
  const statistics = familyOf('metric').measure(spec, evidence, gateDefaults)
  return judgeCheck(spec, JSON.parse(JSON.stringify(statistics)), gateDefaults)
}

/** A champion and a candidate that makes other mistakes: `loss` more of them on the positives of plan team. */
function evidenceOf(rows: number, loss = 0): GateEvidenceInput {
  const random = randomStream('metric checks', String(rows))
  const labels = new Uint8Array(rows)
  const own = new Float64Array(rows)
  const champion = new Float64Array(rows)
  const plan: string[] = []
  const tenure: number[] = []
  for (let row = 0; row < rows; row++) {
    labels[row] = random.next() < 0.3 ? 1 : 0
    plan.push(random.next() < 0.6 ? 'basic' : random.next() < 0.6 ? 'pro' : 'team')
    tenure.push(Math.floor(20 * random.next()))
    const isRight = random.next() < 0.9
    champion[row] = isRight === (labels[row] === 1) ? 0.9 : 0.1
    own[row] = champion[row] ?? 0
    const isHurt = plan[row] === 'team' && labels[row] === 1 && random.next() < loss
    if (isHurt) own[row] = 0.1
    // As many of its answers become wrong as become right.
    else if (random.next() < (isRight ? 0.01 : 0.09)) own[row] = 1 - (own[row] ?? 0)
  }
  const scored = (scores: Float64Array): BinaryScored => ({
    task: 'binary',
    labels,
    scores,
    threshold: 0.5,
  })
  return {
    holdout: {
      scored: scored(own),
      columns: new Map<string, readonly (string | number)[]>([
        ['plan', plan],
        ['tenure', tenure],
      ]),
      slices: ['plan', 'tenure < 6'],
    },
    champion: { release: '7', scored: scored(champion) },
    anchor: { release: '2', scored: scored(champion) },
    baselines: new Map(),
  }
}

describe('a metric check in its normal form', () => {
  it('keeps what was asked and drops how it was written', () => {
    expect(metricCheck('auc>=champion−0.5%')).toMatchObject({
      id: 'quality.roc_auc.champion',
      text: 'roc_auc >= champion - 0.005',
      against: { with: 'champion', margin: -0.005 },
    })
    expect(metricCheck('log_loss <= champion * 1.01').text).toBe('log_loss <= champion * 1.01')
    expect(metricCheck('roc_auc >= anchor - 0.01').id).toBe('quality.roc_auc.anchor')
    expect(metricCheck('recall >= 0.6', { each: ['plan=team', 'slice'] })).toMatchObject({
      each: ['plan=team', 'slice'],
      mode: 'prove_safety',
      id: 'quality.recall.each(plan=team, slice)',
    })
  })
  it('refuses options that mean nothing', () => {
    const hints = (line: string, options: Options) => {
      const parsed = parseCheck(line, options)
      return hasProblems(parsed) ? parsed.problems.map(({ message }) => message) : []
    }
    expect(hints('recall >= 0.6', { mode: 'detect_harm' })).toEqual(['mode is about slices'])
    expect(hints('recall >= 0.6', { each: 'plan = ' })[0]).toContain('cannot be read')
    expect(hints('recall >= champion * many', {})).toEqual(['the factor "many" is not a number'])
  })
})

describe('the largest error', () => {
  const labels = Float64Array.of(1, 2, 3)
  const scored = { task: 'regression' as const, labels, scores: Float64Array.of(1.5, 2, 1) }
  const evidence = { holdout: { scored, columns: new Map() }, baselines: new Map() }
  it('has no bound that rows could give: it is compared as it is, on three rows too, and says so', () => {
    expect(ask(evidence, 'max_error <= 2.5')).toMatchObject({ verdict: 'pass', lower: 2, upper: 2 })
    const { verdict, because } = ask(evidence, 'max_error <= 1')
    expect(verdict).toBe('fail')
    expect(because).toContain('on these 3 rows (it has no bounds)')
  })
  it('of a mean fewer than 50 rows decide nothing, whatever minimum support is asked for', () => {
    expect(ask(evidence, 'mae <= 9', { min_support: 1 })).toMatchObject({
      verdict: 'insufficient',
      neededRows: 50,
    })
  })
})

describe('given a champion and a candidate that is as good', () => {
  const many = evidenceOf(8000)
  it('is shown to be not worse on many rows, and the doubt on few rows says what they can show', () => {
    expect(ask(many, 'recall >= champion - 0.03')).toMatchObject({
      verdict: 'pass',
      method: 'Tango score, paired, skewness corrected',
    })
    const few = ask(evidenceOf(150), 'recall >= champion - 0.03')
    expect(few.verdict).toBe('insufficient')
    expect(few.because).toMatch(
      /required a difference ≥ −0\.030: the bounds do not decide it; \d+ positives detect a distance of 0\.\d+; about [\d,]+ would decide it if/,
    )
    expect(few.neededRows).toBeGreaterThan(40)
  })
  it('a relative limit is the champion times a factor', () => {
    const found = ask(many, 'accuracy >= champion * 0.98')
    expect(found.verdict).toBe('pass')
    expect(found.because).toContain('the difference to 0.98 times that is 0.0')
    expect(ask(many, 'accuracy >= champion * 1.05').verdict).toBe('fail')
    expect(ask(many, 'accuracy >= anchor - 0.02').because).toContain('of the anchor 0.9')
  })
  it('the point decides only where that is asked for', () => {
    expect(ask(many, 'accuracy >= 0.898').verdict).toBe('insufficient')
    const found = ask(many, 'accuracy >= 0.898', { decide_by: 'point' })
    expect(found.verdict).toBe('pass')
    expect(found.because).toContain('decided by the point')
  })
  it('rows that cannot show the effect one fears do not pass', () => {
    expect(ask(many, 'recall >= champion - 0.05', { mde: 0.05 }).verdict).toBe('pass')
    const blunt = ask(many, 'recall >= champion - 0.05', { mde: 0.002 })
    expect(blunt.verdict).toBe('insufficient')
    expect(blunt.because).toContain('a distance of 0.002 must be detectable')
  })
  it('looking for harm in every slice finds none, and says what could hide', () => {
    const found = ask(many, 'recall >= champion', { each: 'slice', mode: 'detect_harm' })
    expect(found.verdict).toBe('pass')
    expect(found.because).toMatch(
      /none of 4 slices is shown to be worse .* shows a distance of 0\./,
    )
    expect(found.denominators?.map(({ name }) => name)).toEqual([
      'plan=basic',
      'plan=pro',
      'plan=team',
      'tenure < 6',
    ])
  })
  it('a slice that was asked for by name and is not there is named', () => {
    const found = ask(many, 'recall >= 0.6', { each: ['plan = gold', 'plan'] })
    expect(found.verdict).toBe('insufficient')
    expect(found.because).toContain('plan=gold')
    expect(ask(many, 'recall >= 0.6', { each: 'plna' })).toMatchObject({
      verdict: 'error',
      because: 'the slice "plna" cannot be had: there is no column plna. Did you mean plan?',
    })
    const none = { ...many, holdout: { ...many.holdout, slices: [] } }
    expect(ask(none, 'recall >= 0.6', { each: 'slice' }).verdict).toBe('error')
  })
  it('a metric of another task is an error', () => {
    expect(ask(many, 'rmse <= 3')).toMatchObject({ verdict: 'error' })
  })
})

describe('given a candidate that loses a third of the positives of one plan', () => {
  const hurt = evidenceOf(4000, 0.33)
  it('looking for harm names the slice, with its p-value after adjustment', () => {
    const found = ask(hurt, 'recall >= champion - 0.03', { each: 'plan', mode: 'detect_harm' })
    expect(found.verdict).toBe('fail')
    expect(found.because).toMatch(/fails for plan=team −0\.\d+/)
    const team = found.denominators?.find(({ name }) => name === 'plan=team')
    expect(team?.p).toBeLessThan(0.001)
    expect(team?.verdict).toBe('fail')
  })
})

describe('rows that belong together', () => {
  it('count as fewer: twelve customers decide nothing, whatever their rows say', () => {
    const { holdout, ...others } = evidenceOf(3000)
    const clusters = Uint32Array.from(holdout.scored.labels, (_, row) => row % 12)
    const scored = { ...holdout.scored, clusters }
    const found = ask({ ...others, holdout: { ...holdout, scored } }, 'accuracy >= 0.5')
    expect(found.verdict).toBe('insufficient')
    expect(found.because).toContain('only 12 entities decide it, at least 30 are needed')
  })
})
