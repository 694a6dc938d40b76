// What the readiness and robustness checks of a project need measured, put together so that one measurement serves them all. Pure.
import type { ProjectSpec } from '../../../project/project-spec.ts'
import {
  type DropCheckSpec,
  hasProblems,
  type ReadinessCheckSpec,
} from '../../../verify/gates/check-spec.ts'
import { parseCheck } from '../../../verify/gates/language/parse-check.ts'

export interface LoadPlan {
  readonly ratePerSecond: number
  readonly durationMs: number
}

export interface ReadinessPlan {
  /** One for every rate that some check names; the checks that name none share the default. */
  readonly loads: readonly LoadPlan[]
  /** Fresh processes to start and time; 0 when nobody asks. */
  readonly starts: number
  readonly throughput: readonly { readonly concurrency: number; readonly durationMs: number }[]
  readonly ratio: LoadPlan | null
  /** How long memory is watched under load; 0 when nobody asks. */
  readonly growthMs: number
  readonly goldenFiles: readonly string[]
  readonly asks: ReadonlySet<ReadinessCheckSpec['subject']['what']>
}

/** When no check says otherwise: enough requests for a bound on the 99th percentile (299 at 95 %), in two seconds. */
export const loadDefaults: LoadPlan = { ratePerSecond: 200, durationMs: 2000 }
/** Five starts are the fewest whose largest bounds the median at 95 %. */
const defaultStarts = 5
const throughputMs = 1000
const growthMs = 3000

export interface ReadinessChecks {
  readonly readiness: readonly ReadinessCheckSpec[]
  readonly robustness: readonly DropCheckSpec[]
}

export function readinessChecks({ gates }: Pick<ProjectSpec, 'gates'>): ReadinessChecks {
  const specs = gates.flatMap((gate) =>
    gate.checks.flatMap(({ text, options }) => {
      const parsed = parseCheck(text, options)
      return hasProblems(parsed) ? [] : [parsed]
    }),
  )
  return {
    readiness: specs.flatMap((one) => (one.kind === 'readiness' ? [one] : [])),
    robustness: specs.flatMap((one) => (one.kind === 'drop' ? [one] : [])),
  }
}

/** Null when no check asks for anything. */
export function planReadiness(checks: readonly ReadinessCheckSpec[]): ReadinessPlan | null {
  if (checks.length === 0) return null
  const of = (...subjects: ReadinessCheckSpec['subject']['what'][]) =>
    checks.filter(({ subject }) => subjects.includes(subject.what))
  const loads = loadsOf(of('latency', 'errors', 'error_share'))
  const [ratio = null] = loadsOf(of('latency_ratio')).toSorted(
    (one, other) => other.ratePerSecond - one.ratePerSecond,
  )
  return {
    loads,
    starts: Math.max(0, ...of('cold_start').map(({ starts }) => starts ?? defaultStarts)),
    throughput: throughputOf(of('throughput')),
    ratio,
    growthMs: longest(of('growth'), growthMs),
    goldenFiles: [
      ...new Set(
        checks.flatMap(({ subject }) => (subject.what === 'golden' ? [subject.file] : [])),
      ),
    ],
    asks: new Set(checks.map(({ subject }) => subject.what)),
  }
}

/** Checks without a rate look at what is measured anyway; the default is for when there is nothing else. */
function loadsOf(checks: readonly ReadinessCheckSpec[]): readonly LoadPlan[] {
  if (checks.length === 0) return []
  const named = checks.flatMap(({ ratePerSecond: rate }) => (rate === null ? [] : [rate]))
  const rates = named.length === 0 ? [loadDefaults.ratePerSecond] : [...new Set(named)]
  return rates.map((ratePerSecond) => ({
    ratePerSecond,
    durationMs: longest(
      checks.filter((check) => (check.ratePerSecond ?? rates[0]) === ratePerSecond),
      loadDefaults.durationMs,
    ),
  }))
}

function throughputOf(checks: readonly ReadinessCheckSpec[]): ReadinessPlan['throughput'] {
  const named = checks.flatMap(({ subject }) =>
    subject.what === 'throughput' ? [subject.concurrency] : [],
  )
  return [...new Set(named)].map((concurrency) => ({
    concurrency,
    durationMs: longest(
      checks.filter(
        ({ subject }) => subject.what === 'throughput' && subject.concurrency === concurrency,
      ),
      throughputMs,
    ),
  }))
}

function longest(checks: readonly ReadinessCheckSpec[], otherwise: number): number {
  if (checks.length === 0) return 0
  const named = checks.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs]))
  return named.length === 0 ? otherwise : Math.max(...named)
}
