// The whole judge, fuzzed: any check of any family with any statistics of its method. It never throws, never passes on what is
// undefined, is monotone in the limit, replays from JSON, and never softens an error.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MetricStatistics } from '../../metrics/metric-statistics.ts'
import type { PairedStatistics } from '../../metrics/paired-statistics.ts'
import type { CheckResult, CheckStatistics, GateSettings, MeasuredMetric } from '../check-result.ts'
import { type CheckSpec, hasProblems, type MetricCheckSpec } from '../check-spec.ts'
import { familyOf } from '../families.ts'
import { judgeSettled } from '../judge-check.ts'
import { parseCheck } from '../language/parse-check.ts'
import { replayCheck } from '../replay-check.ts'

const runs = { numRuns: 400 }
const count = fc.integer({ min: 0, max: 5000 })
const share = fc.double({ min: 0, max: 1, noNaN: true })
const amount = fc.double({ min: -5, max: 5, noNaN: true })
const se = fc.double({ min: 0, max: 1, noNaN: true })
const skewness = fc.double({ min: -8, max: 8, noNaN: true })
const kurtosis = fc.double({ min: -2, max: 100, noNaN: true })
const unit = fc.constantFrom('rows', 'entities', 'blocks of time', 'queries')
const method = <M extends string>(name: M) => fc.constant(name)

const resampling = fc
  .record({
    estimate: share,
    se,
    offsets: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
      minLength: 31,
      maxLength: 31,
    }),
    bias: fc.double({ min: -3, max: 3, noNaN: true }),
    units: count,
    unit,
  })
  .map(({ estimate, offsets, ...rest }) => ({
    estimate,
    spread: {
      ...{ seed: 'lockstep', replicates: 2000, ...rest },
      quantiles: offsets.toSorted((a, b) => a - b).map((offset) => estimate + offset),
    },
  }))

const cells = { tp: count, fp: count, fn: count }
const single: fc.Arbitrary<MetricStatistics> = fc.oneof(
  fc
    .tuple(count, count)
    .map(([a, b]) => ({ method: 'proportion' as const, successes: a, trials: a + b })),
  fc.record({ method: method('overlap'), ...cells }),
  fc.record({ method: method('balanced'), ...cells, tn: count }),
  fc.record({ method: method('mean'), mean: amount, sd: se, n: count, skewness, kurtosis }),
  fc.record({ method: method('delong'), auc: share, se, positives: count, negatives: count }),
  fc.record({
    ...{ method: method('linear'), isShare: fc.boolean(), estimate: share, se, n: count },
    ...{ units: count, unit, skewness, kurtosis, effective: fc.double({ min: 1, max: 5000 }) },
  }),
  fc.record({ method: method('observed'), value: amount, n: count }),
  fc
    .record({ resampling, n: count, acceleration: fc.double({ min: -1, max: 1, noNaN: true }) })
    .map(({ resampling: { estimate, spread }, ...rest }) => ({
      ...{ method: 'bootstrap' as const, estimate, range: [0, 1] as const, ...rest, ...spread },
    })),
  fc.record({ method: method('undefined'), because: fc.constant('it has no rows'), n: count }),
)

const pair = { own: share, reference: share }
const paired: fc.Arbitrary<PairedStatistics> = fc.oneof(
  fc.tuple(count, count, count).map(([gained, lost, same]) => {
    const trials = gained + lost + same
    const shares = { own: trials > 0 ? (gained + same) / trials : 0, reference: 0 }
    if (trials > 0) shares.reference = (lost + same) / trials
    return { method: 'paired_proportion' as const, gained, lost, trials, ...shares }
  }),
  fc.record({ method: method('paired_mean'), sd: se, n: count, skewness, kurtosis, ...pair }),
  fc.record({ method: method('paired_delong'), se, positives: count, negatives: count, ...pair }),
  fc.record({
    ...{ method: method('paired_linear'), se, n: count, units: count, unit, skewness, ...pair },
  }),
  fc.record({ method: method('paired_observed'), n: count, ...pair }),
  fc
    .record({ resampling, n: count, reference: share })
    .map(({ resampling: found, n, reference }) => {
      const { estimate, spread } = found
      return {
        method: 'paired_bootstrap' as const,
        own: estimate + reference,
        reference,
        n,
        ...spread,
      }
    }),
  fc.record({ method: method('undefined'), because: fc.constant('it has no rows'), n: count }),
)

/** With one number that is none: a damaged record, or a fault upstream. Undefined where there is no number. */
function damaged(statistics: MeasuredMetric, pick: number): MeasuredMetric | undefined {
  const numbers = Object.entries(statistics).filter(([, value]) => typeof value === 'number')
  const name = numbers[pick % Math.max(1, numbers.length)]?.[0]
  return name === undefined ? undefined : { ...statistics, [name]: Number.NaN }
}

const settings: fc.Arbitrary<GateSettings> = fc.record({
  confidence: fc.constantFrom(0.8, 0.95, 0.99, 0.999),
  power: fc.constant(0.8),
  minSupport: fc.constantFrom(1, 30, 100),
  onInsufficient: fc.constantFrom('approve', 'block'),
})

const shared = { severity: fc.constantFrom('fail' as const, 'warn' as const) }
const options = { ...{ op: fc.constantFrom('>=', '>', '<=', '<'), limit: share }, ...shared }

function metricSpec(line: string, given: Record<string, unknown>): MetricCheckSpec {
  const parsed = parseCheck(line, given)
  if (hasProblems(parsed) || parsed.kind !== 'metric') throw new Error(JSON.stringify(parsed))
  return parsed
}

const asked: fc.Arbitrary<{ spec: MetricCheckSpec; statistics: MeasuredMetric }> = fc.oneof(
  fc.record({ ...options, statistics: single }).map(({ op, limit, severity, statistics }) => ({
    spec: metricSpec(`accuracy ${op} ${limit.toFixed(4)}`, { severity }),
    statistics,
  })),
  fc.record({ ...options, statistics: paired }).map(({ op, limit, severity, statistics }) => ({
    spec: metricSpec(`accuracy ${op} champion - ${limit.toFixed(4)}`, { severity }),
    statistics,
  })),
)

const passing = ['pass', 'warn']
const closeTo = (value: number) => 1e-9 * Math.max(1, Math.abs(value))

describe('a metric check with any statistics', () => {
  it('has bounds that contain the estimate, and passes only on an estimate there is', () => {
    fc.assert(
      fc.property(asked, settings, ({ spec, statistics }, given) => {
        const found = judgeSettled({ ...spec, severity: 'fail' }, statistics, given)
        const { verdict, estimate, lower, upper, n } = found
        if (passing.includes(verdict)) {
          expect(Number.isFinite(estimate)).toBe(true)
          expect(n).toBeGreaterThan(0)
        }
        if (estimate === undefined || lower === undefined || upper === undefined) return
        expect(lower).toBeLessThanOrEqual(estimate + closeTo(estimate))
        expect(upper).toBeGreaterThanOrEqual(estimate - closeTo(estimate))
        expect(found.because).not.toBe('')
      }),
      runs,
    )
  })

  it('never passes when one of its numbers is none', () => {
    fc.assert(
      fc.property(asked, fc.nat(), settings, ({ spec, statistics }, pick, given) => {
        const broken = damaged(statistics, pick)
        if (broken === undefined) return
        expect(judgeSettled(spec, broken, given).verdict).not.toBe('pass')
      }),
      runs,
    )
  })

  it('is monotone in the limit: what passes a strict one does not fail a lenient one', () => {
    fc.assert(
      fc.property(asked, settings, share, ({ spec, statistics }, given, by) => {
        const isFloor = spec.op.startsWith('>')
        const move = isFloor ? -by : by
        const { against } = spec
        const lenient = {
          ...spec,
          severity: 'fail' as const,
          against:
            against.with === 'limit'
              ? { ...against, limit: against.limit + move }
              : { ...against, margin: against.margin + move },
        }
        const rank = { fail: 0, insufficient: 1, pass: 2 } as Record<string, number>
        const strict = judgeSettled({ ...spec, severity: 'fail' }, statistics, given)
        const loose = judgeSettled(lenient, statistics, given)
        expect(rank[loose.verdict] ?? -1).toBeGreaterThanOrEqual(rank[strict.verdict] ?? 9)
      }),
      runs,
    )
  })

  it('is decided the same from its JSON', () => {
    fc.assert(
      fc.property(asked, settings, ({ spec, statistics }, given) => {
        const found = judgeSettled(spec, statistics, given)
        const position = { file: 'lockstep.yaml', line: 1, column: 1 }
        const recorded: CheckResult = JSON.parse(
          JSON.stringify({ ...found, written: spec.text, position }),
        )
        const replay = replayCheck('gate', recorded)
        expect(replay.agrees, replay.because).toBe(true)
      }),
      runs,
    )
  })

  it('that says error is never softened to a warning', () => {
    fc.assert(
      fc.property(asked, settings, ({ spec }, given) => {
        const broken = { method: 'unreadable' as const, because: 'the file cannot be read' }
        expect(judgeSettled({ ...spec, severity: 'warn' }, broken, given).verdict).toBe('error')
      }),
      runs,
    )
  })
})

const kinds = [
  'data',
  'between',
  'metric',
  'recipe',
  'gap',
  'readiness',
  'drop',
  'security',
  'tests',
] as const

/** Every example of every family, as it stands in the documentation. */
const examples: readonly CheckSpec[] = kinds.flatMap((kind) =>
  familyOf(kind).forms.flatMap(({ line, options: given = {} }) => {
    const parsed = parseCheck(line, given)
    return hasProblems(parsed) ? [] : [parsed]
  }),
)

const anyStatistics: fc.Arbitrary<CheckStatistics> = fc.oneof(
  single,
  paired,
  fc.array(fc.oneof(single, paired), { maxLength: 5 }).map((many) => ({
    method: 'each' as const,
    slices: many.map((statistics, at) => ({ group: `slice ${at}`, statistics })),
  })),
  fc.array(fc.tuple(count, count), { maxLength: 5 }).map((groups): CheckStatistics => {
    const group = (name: string, [successes, rest]: [number, number]) => ({
      ...{ group: name, isMissing: false, n: successes + rest },
      values: [{ successes, trials: successes + rest }],
    })
    const sums = groups.reduce((a, b) => [a[0] + b[0], a[1] + b[1]] as [number, number], [0, 0])
    const panel = {
      ...{ by: 'sex', stratum: null, overall: group('all', sums as [number, number]) },
      groups: groups.map((one, at) => group(`g${at}`, one)),
    }
    return { method: 'groups', panels: [panel] }
  }),
  fc.record({ method: method('measured'), value: fc.option(amount) }),
  fc.record({ method: method('errors'), errors: count, requests: count }),
  fc.record({
    ...{ method: method('throughput'), concurrency: fc.constant(4), blockMs: fc.constant(50) },
    ...{ answered: fc.array(count, { maxLength: 30 }), errors: count },
  }),
  fc.record({
    method: method('growth'),
    rssBytes: fc.array(count, { maxLength: 8 }),
    requests: count,
  }),
  fc.record({ method: method('repeats'), repeats: fc.constant([]) }),
  fc.record({ method: method('skipped'), because: fc.constant('no champion yet') }),
  fc.record({ method: method('unreadable'), because: fc.constant('no such file') }),
)

describe('any check of any family with statistics of any method', () => {
  it('is judged without a throw, keeps errors, and passes nothing that is empty', () => {
    expect(examples.length).toBeGreaterThan(60)
    fc.assert(
      fc.property(
        fc.constantFrom(...examples),
        anyStatistics,
        settings,
        (spec, statistics, given) => {
          const found = judgeSettled(spec, statistics, given)
          expect(found.because.length).toBeGreaterThan(0)
          if (statistics.method === 'unreadable') expect(found.verdict).toBe('error')
          if (statistics.method === 'skipped') expect(found.verdict).toBe('skipped')
          const isEmpty =
            statistics.method === 'undefined' ||
            (statistics.method === 'each' && statistics.slices.length === 0) ||
            (statistics.method === 'measured' && statistics.value === null)
          if (isEmpty) expect(found.verdict).not.toBe('pass')
          expect(JSON.parse(JSON.stringify(found)).verdict).toBe(found.verdict)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
