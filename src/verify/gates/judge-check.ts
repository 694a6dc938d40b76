// The verdict of one check from its sufficient statistics alone: the same pure function today and in a replay years later.
import { judgeDataCheck } from '../data/judge-data-check.ts'
import type { CheckResult, CheckStatistics, GateSettings, Judgement } from './check-result.ts'
import { mismatched } from './check-result.ts'
import type { CheckSpec } from './check-spec.ts'
import { judgeGap } from './judge-gap.ts'
import { judgeMetric, judgeSlices } from './judge-metric.ts'
import { judgeReadiness } from './judge-readiness.ts'

export function judgeCheck(
  spec: CheckSpec,
  statistics: CheckStatistics,
  defaults: GateSettings,
): Omit<CheckResult, 'position'> {
  const settings = {
    confidence: spec.confidence ?? defaults.confidence,
    minSupport: spec.minSupport ?? defaults.minSupport,
  }
  const { verdict, ...judgement } = judge(spec, statistics, settings)
  return {
    id: spec.id,
    text: spec.text,
    verdict: verdict === 'fail' && spec.severity === 'warn' ? 'warn' : verdict,
    ...judgement,
    spec,
    settings,
    statistics,
  }
}

function judge(spec: CheckSpec, statistics: CheckStatistics, settings: GateSettings): Judgement {
  const { method } = statistics
  if (method === 'skipped' || method === 'unreadable') {
    return {
      verdict: method === 'skipped' ? 'skipped' : 'error',
      because: statistics.because,
      method: 'none',
    }
  }
  switch (spec.kind) {
    case 'data':
      return isData(statistics)
        ? { method: 'all rows counted', ...judgeDataCheck(spec.check, statistics) }
        : mismatched(spec)
    case 'metric':
      if (method === 'each') return judgeSlices(spec, statistics.slices, settings)
      return isMetric(statistics) ? judgeMetric(spec, statistics, settings) : mismatched(spec)
    case 'gap':
      return method === 'gap' ? judgeGap(spec, statistics.groups, settings) : mismatched(spec)
    case 'readiness':
      return isReadiness(statistics) ? judgeReadiness(spec, statistics) : mismatched(spec)
  }
}

type Of<M extends CheckStatistics['method']> = Extract<CheckStatistics, { method: M }>

const dataMethods = ['rows', 'columns', 'type', 'share', 'binary', 'duplicates'] as const
const readinessMethods = ['measured', 'errors', 'signature', 'order_statistic'] as const
const metricMethods = [
  'proportion',
  'overlap',
  'balanced',
  'mean',
  'delong',
  'bootstrap',
  'paired_proportion',
  'paired_mean',
  'paired_delong',
  'paired_bootstrap',
  'undefined',
] as const

function isOneOf<M extends CheckStatistics['method']>(methods: readonly M[]) {
  return (statistics: CheckStatistics): statistics is Of<M> =>
    methods.some((method) => method === statistics.method)
}

const isData = isOneOf(dataMethods)
const isReadiness = isOneOf(readinessMethods)
const isMetric = isOneOf(metricMethods)
