import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openTables } from '../../build/tables/duckdb.ts'
import { randomStream } from '../../foundation/random.ts'
import type { RawCheck } from '../../project/gate-spec.ts'
import type { BinaryScored } from '../metrics/scored.ts'
import { noDifference } from '../readiness/compare-answers.ts'
import type { LoadEvidence, ReadinessEvidence } from '../readiness/readiness-evidence.ts'
import type { CheckResult } from './check-result.ts'
import type { GateEvidenceInput } from './gate-evidence.ts'
import type { GateReport } from './gate-report.ts'
import { judgeData } from './judge-data.ts'
import { gateDefaults, judgeGates } from './judge-gates.ts'
import { replayReport } from './replay-check.ts'

const raw = (text: string, options = {}): RawCheck => ({
  text,
  options,
  position: { line: 3, column: 7 },
})

type BinaryEvidence = GateEvidenceInput & { readonly holdout: { readonly scored: BinaryScored } }

/** A census-like holdout: rare positives, a score that is `bias` logits lower for women. */
function evidenceOf(given: { rows: number; bias: number; seed?: string }): BinaryEvidence {
  const random = randomStream(given.seed ?? 'census', 'rows')
  const labels = new Uint8Array(given.rows)
  const scores = new Float64Array(given.rows)
  const weaker = new Float64Array(given.rows)
  const sex: (string | null)[] = []
  const region: (string | null)[] = []
  const squash = (x: number) => 1 / (1 + Math.exp(-x))
  for (let row = 0; row < given.rows; row++) {
    const isMale = random.next() < 0.48
    sex.push(isMale ? 'Male' : 'Female')
    region.push(random.next() < 0.002 ? null : 'known')
    labels[row] = random.next() < (isMale ? 0.12 : 0.08) ? 1 : 0
    const logit = random.normal() + 2.6 * (labels[row] ?? 0) - 3 - (isMale ? 0 : given.bias)
    scores[row] = squash(logit)
    weaker[row] = squash(logit + 2 * random.normal())
  }
  const scored = (own: Float64Array): BinaryScored => ({
    task: 'binary',
    labels,
    scores: own,
    threshold: 0.3,
  })
  return {
    holdout: {
      scored: scored(scores),
      columns: new Map([
        ['sex', sex],
        ['region', region],
      ]),
    },
    champion: { release: 'income-7', scored: scored(weaker) },
    baselines: new Map([['prior', scored(new Float64Array(given.rows).fill(0.1))]]),
    readiness,
  }
}

const readiness: ReadinessEvidence = {
  loadMs: 640,
  sizeBytes: 1_400_000,
  loads: [loadOf(Float64Array.from({ length: 1000 }, (_, at) => 2 + at / 200))],
  batchParity: { ...noDifference(64), numbers: 64, numbersDiffering: 3, maxDifference: 2e-7 },
  signature: {
    ...{ inputs: ['age', 'sex'], declaredColumns: ['age', 'sex', 'race'] },
    ...{ label: 'income_over_50k', faults: [], answers: 65 },
  },
}

function loadOf(latencyMs: Float64Array): LoadEvidence {
  return { ratePerSecond: 50, latencyMs, errors: 0, late: 0 }
}

function judge(evidence: GateEvidenceInput, ...checks: RawCheck[]): GateReport {
  return judgeGates({ gates: [{ name: 'model', checks }], evidence, defaults: gateDefaults })
}

function only(report: GateReport): CheckResult {
  const check = report.gates[0]?.checks[0]
  if (check === undefined) throw new Error('no check')
  return check
}

const everything = [
  raw('roc_auc >= 0.90'),
  raw('roc_auc >= champion - 0.005'),
  raw('roc_auc > baseline(prior)'),
  raw('average_precision >= 0.5'),
  raw('average_precision >= champion - 0.01'),
  raw('log_loss <= 0.4'),
  raw('brier <= champion + 0.001'),
  raw('ece@15u <= 0.2'),
  raw('f1 >= 0.3'),
  raw('balanced_accuracy >= 0.7'),
  raw('precision >= champion - 0.05'),
  raw('recall >= 0.2', { each: 'sex' }),
  raw('accuracy >= champion - 0.01', { each: 'sex' }),
  raw('gap(tpr) <= 0.10', { by: 'sex' }),
  raw('gap(selection_rate) <= 0.10', { by: 'sex' }),
  raw('loads < 10s'),
  raw('latency p99 <= 50ms', { rate: '50/s' }),
  raw('size < 50MB'),
  raw('parity <= 1e-5'),
  raw('errors = 0'),
  raw('signature honoured'),
]

describe('given a fair model that ranks well', () => {
  const evidence = evidenceOf({ rows: 12_000, bias: 0 })
  it('every check passes, and the report survives JSON and replays to the same verdicts', () => {
    const report = judge(evidence, ...everything)
    expect(report.verdict).toBe('pass')
    expect(only(report).position).toEqual({ line: 3, column: 7 })
    const restored = JSON.parse(JSON.stringify(report)) as GateReport
    expect(restored).toEqual(report)
    const replays = replayReport(restored)
    expect(replays).toHaveLength(everything.length)
    for (const replay of replays) expect(replay.agrees, replay.id).toBe(true)
  })

  it('a forged verdict does not survive the replay', () => {
    const report = judge(evidence, raw('roc_auc >= 0.99'))
    expect(report.verdict).toBe('fail')
    const [gate] = report.gates
    const forged = { ...only(report), verdict: 'pass' as const }
    const [replay] = replayReport({
      verdict: 'pass',
      gates: [{ name: gate?.name ?? '', verdict: 'pass', checks: [forged] }],
    })
    expect(replay).toMatchObject({ recorded: 'pass', verdict: 'fail', agrees: false })
  })

  it('the same evidence gives the same report', () => {
    expect(judge(evidence, ...everything)).toEqual(judge(evidence, ...everything))
  })

  it('too few rows are not enough to say so', () => {
    const few = evidenceOf({ rows: 400, bias: 0 })
    const report = judge(few, raw('roc_auc >= 0.96'), raw('gap(tpr) <= 0.10', { by: 'sex' }))
    expect(report.verdict).toBe('insufficient')
    const [auc, gap] = report.gates[0]?.checks ?? []
    expect(auc?.because).toMatch(
      /the bounds do not decide it; \d+ rows of the rarer class detect a distance of 0\.\d+; about [\d,]+ would decide it/,
    )
    expect(auc?.neededRows).toBeGreaterThan(auc?.n ?? 0)
    expect(gap?.verdict).toBe('insufficient')
  })
})

describe('given a model that neglects women', () => {
  const evidence = evidenceOf({ rows: 50_000, bias: 1 })
  it('the fairness gate fails in one sentence', () => {
    const { verdict, because, denominators } = only(
      judge(evidence, raw('gap(tpr) <= 0.10', { by: 'sex' })),
    )
    expect(verdict).toBe('fail')
    expect(because).toMatch(
      /^true-positive rate gap by sex is 0\.\d{3} \(95 % bounds 0\.\d{3} to 0\.\d{3}\), allowed ≤ 0\.100: Male 0\.\d{3} of 2,\d{3}, Female 0\.\d{3} of 2,\d{3}$/,
    )
    expect(denominators?.map(({ name }) => name)).toEqual(['Female', 'Male'])
  })
  it('a warning only warns, and a group floor names the group', () => {
    const warned = judge(evidence, raw('gap(tpr) <= 0.10', { by: 'sex', severity: 'warn' }))
    expect(warned.verdict).toBe('warn')
    const floor = only(judge(evidence, raw('recall >= 0.35', { each: 'sex' })))
    expect(floor.verdict).toBe('fail')
    expect(floor.because).toContain('fails for sex=Female')
  })
  it('groups too small to judge hold the verdict back unless told otherwise', () => {
    const check = (options: object) =>
      only(judge(evidence, raw('gap(fpr) <= 0.5', { by: 'region', ...options })))
    const small = { min_support: 500 }
    expect(check(small).verdict).toBe('insufficient')
    expect(check(small).because).toContain('(missing)')
    const three =
      evidence.holdout.columns.get('sex')?.map((sex, row) => (row < 20 ? null : sex)) ?? []
    const mixed = {
      ...evidence,
      holdout: { ...evidence.holdout, columns: new Map([['sex', three]]) },
    }
    const ask = (options: object) =>
      only(judge(mixed, raw('gap(fpr) <= 0.5', { by: 'sex', ...options })))
    expect(ask({}).verdict).toBe('insufficient')
    expect(ask({}).because).toContain('fewer than 30 negatives: (missing)')
    expect(ask({ small_groups: 'ignore' }).verdict).toBe('pass')
  })
})

describe('doubt and faults never pass', () => {
  const { champion, ...first } = evidenceOf({ rows: 2000, bias: 0 })
  it('the first release has no champion: those checks are skipped, the others decide', () => {
    const report = judge(first, raw('roc_auc >= champion - 0.005'), raw('roc_auc >= 0.8'))
    expect(report.gates[0]?.checks.map(({ verdict }) => verdict)).toEqual(['skipped', 'pass'])
    expect(report.verdict).toBe('pass')
    expect(judge(first, raw('roc_auc >= champion')).verdict).toBe('skipped')
  })
  it('says what is missing', () => {
    const ask = (evidence: GateEvidenceInput, check: RawCheck) => only(judge(evidence, check))
    expect(ask(first, raw('gap(tpr) <= 0.1', { by: 'sxe' }))).toMatchObject({
      verdict: 'error',
      because:
        'sxe is not among the group columns of the evaluation (did you mean sex?); add it to evaluate.groups',
    })
    expect(ask(first, raw('roc_auc > baseline(logistic)')).because).toBe(
      'there is no baseline logistic (known: prior)',
    )
    expect(ask(first, raw('rocauc > 0.5'))).toMatchObject({
      verdict: 'error',
      because:
        '"rocauc" is not a metric. Did you mean roc_auc? To bound a column write rocauc between 0 and 90.',
    })
    expect(ask(first, raw('rows > 5')).because).toContain('put it under the checks of a dataset')
    const { readiness: _, ...unmeasured } = first
    expect(ask(unmeasured, raw('errors = 0'))).toMatchObject({
      verdict: 'error',
      because: 'readiness was not measured',
    })
    const slow = ask(first, raw('latency p99 <= 50ms', { rate: '500/s' }))
    expect([slow.verdict, slow.because]).toEqual([
      'insufficient',
      'latency p99 was measured at 50/s, the check asks for 500/s',
    ])
  })
  it('scores that are not numbers, or of other rows, judge nothing', () => {
    const { holdout } = first
    const broken = {
      ...first,
      holdout: {
        ...holdout,
        scored: {
          ...holdout.scored,
          scores: holdout.scored.scores.map((score, row) => (row === 3 ? Number.NaN : score)),
        },
      },
    }
    expect(only(judge(broken, raw('accuracy >= 0.1')))).toMatchObject({
      verdict: 'error',
      because: '1 of 2000 scores of the model are not numbers',
    })
    const scored = { ...holdout.scored, scores: new Float64Array(3) }
    const short = { ...first, champion: { release: 'r1', scored } }
    expect(only(judge(short, raw('accuracy >= champion'))).because).toBe(
      'the champion r1 scored 3 of 2000 holdout rows',
    )
  })
  it('one class, or no rows, is insufficient', () => {
    const { holdout } = first
    const nobody = {
      ...first,
      holdout: { ...holdout, scored: { ...holdout.scored, labels: new Uint8Array(2000) } },
    }
    expect(only(judge(nobody, raw('roc_auc >= 0.5'))).verdict).toBe('insufficient')
    expect(only(judge(nobody, raw('gap(tpr) <= 0.5', { by: 'sex' }))).verdict).toBe('insufficient')
    const empty = {
      holdout: {
        scored: {
          task: 'binary' as const,
          labels: new Uint8Array(),
          scores: new Float64Array(),
          threshold: 0.5,
        },
        columns: new Map([['sex', []]]),
      },
      baselines: new Map(),
    }
    for (const text of ['roc_auc >= 0', 'accuracy >= 0', 'log_loss <= 9', 'ece@15u <= 1']) {
      expect(only(judge(empty, raw(text))).verdict, text).toBe('insufficient')
    }
    expect(only(judge(empty, raw('recall >= 0', { each: 'sex' }))).verdict).toBe('insufficient')
  })
  it('a gate without checks promotes nothing', () => {
    expect(judge(first).verdict).toBe('skipped')
  })
  it('a slow model fails on the bound of its latency, a lucky one waits for more requests', () => {
    const measured = (n: number) => ({
      ...first,
      readiness: {
        ...readiness,
        loads: [loadOf(Float64Array.from({ length: n }, (_, at) => (at * 100) / n))],
      },
    })
    expect(only(judge(measured(2000), raw('latency p99 <= 50ms'))).verdict).toBe('fail')
    expect(only(judge(measured(100), raw('latency p99 <= 200ms')))).toMatchObject({
      verdict: 'insufficient',
      neededRows: 299,
    })
  })
})

describe('the data gate of the census', () => {
  it('judges the real file, and replays', async () => {
    const tables = await openTables()
    const paths = join(import.meta.dirname, '../../../examples/income/data/1994.parquet')
    const checks = [
      raw('rows >= 50_000'),
      raw('columns has [age, education]'),
      raw('missing(age) <= 1%'),
      raw('age between 0 and 90'),
      raw('income_over_50k in [0, 1]'),
      raw('income_over_50k is binary'),
      raw('sex in [Male, Female]'),
      raw('unique(person_id)'),
      raw('nonfinite(wage_per_hour) = 0'),
      raw('sex in [Male]'),
      raw('agee between 0 and 9'),
      raw('roc_auc >= 0.9'),
    ]
    const report = await judgeData({ checks, table: paths, now: '2026-07-01T00:00:00.000Z' })
    tables.close()
    const verdicts = report.gates[0]?.checks.map(({ verdict }) => verdict) ?? []
    expect(verdicts.slice(0, 9)).toEqual(Array(9).fill('pass'))
    expect(verdicts.slice(9)).toEqual(['fail', 'error', 'error'])
    expect(report.gates[0]?.checks[9]?.because).toBe(
      '77,902 of 149,643 values of sex are not allowed ("Female")',
    )
    const replays = replayReport(JSON.parse(JSON.stringify(report)) as GateReport)
    expect(replays.every(({ agrees }) => agrees)).toBe(true)
  })
})
