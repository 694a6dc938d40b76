// Readiness checks. What is known exactly is compared exactly; speed has bounds and is judged in judge-speed.ts.
import type { ReadinessStatistics } from '../../readiness/readiness-statistics.ts'
import { formatBytes, formatCount, formatOp, formatShare } from '../../statistics/number-words.ts'
import { judgeExactly } from '../../statistics/verdict.ts'
import { type GateSettings, insufficient, type Judgement } from '../check-result.ts'
import type { ReadinessCheckSpec } from '../check-spec.ts'
import {
  judgeBadInput,
  judgeGolden,
  judgeParity,
  judgeRepeats,
  judgeTrainingParity,
  listed,
  short,
} from './judge-answers.ts'
import { judgeOperation } from './judge-operation.ts'
import {
  formatMs,
  judgeColdStarts,
  judgeLatency,
  judgeLatencyRatio,
  judgeThroughput,
} from './judge-speed.ts'

type Of<M extends ReadinessStatistics['method']> = Extract<ReadinessStatistics, { method: M }>

export function judgeReadiness(
  spec: ReadinessCheckSpec,
  statistics: ReadinessStatistics,
  settings: GateSettings,
): Judgement {
  switch (statistics.method) {
    case 'measured':
      return judgeMeasured(spec, statistics)
    case 'errors':
      return judgeErrors(spec, statistics)
    case 'signature':
      return judgeSignature(statistics)
    case 'compatibility':
      return judgeCompatibility(statistics)
    case 'order_statistic':
      return judgeLatency(spec, statistics)
    case 'cold_starts':
      return judgeColdStarts(spec, statistics)
    case 'throughput':
      return judgeThroughput(spec, statistics, settings)
    case 'latency_ratio':
      return judgeLatencyRatio(spec, statistics)
    case 'repeats':
      return judgeRepeats(spec, statistics)
    case 'parity':
      return judgeParity(spec, statistics)
    case 'training_parity':
      return judgeTrainingParity(spec, statistics)
    case 'golden':
      return judgeGolden(spec, statistics)
    case 'bad_input':
      return judgeBadInput(statistics)
    case 'growth':
      return judgeGrowth(spec, statistics)
    case 'operation':
      return judgeOperation(spec, statistics)
  }
}

function judgeMeasured(spec: ReadinessCheckSpec, { value, because }: Of<'measured'>): Judgement {
  const { what } = spec.subject
  if (value === null) {
    const reason = because === undefined ? '' : `: ${because}`
    return insufficient(`${subjectWords[what]} was not measured${reason}`)
  }
  const { sentence, show } = measuredWords[what] ?? { sentence: what, show: String }
  return {
    verdict: judgeExactly(value, spec.op, spec.limit),
    because: `${sentence} ${show(value)}, allowed ${formatOp(spec.op)} ${show(spec.limit)}`,
    method: 'measured once',
    estimate: value,
    limit: spec.limit,
  }
}

const subjectWords: Readonly<Record<ReadinessCheckSpec['subject']['what'], string>> = {
  loads: 'the load time',
  cold_start: 'the time of a cold start',
  size: 'the size',
  rss: 'peak memory',
  growth: 'growth of memory',
  parity: 'parity of answers',
  deterministic: 'whether answers repeat',
  errors: 'the error count',
  error_share: 'the error share',
  signature: 'the signature',
  compatible: 'compatibility with the champion',
  latency: 'latency',
  latency_ratio: 'latency against the champion',
  throughput: 'throughput',
  golden: 'the answer to golden requests',
  bad_input: 'the answer to bad input',
  owner: 'the owner',
  runbook: 'the runbook',
  monitored: 'whether anything watches it',
  rehearsed: 'whether a rollback was rehearsed',
}

const measuredWords: Readonly<
  Record<string, { sentence: string; show: (value: number) => string }>
> = {
  loads: { sentence: 'the model loaded in', show: formatMs },
  size: { sentence: 'the artifact has', show: formatBytes },
  rss: { sentence: 'peak memory of the process that serves it was', show: formatBytes },
  // Recorded so until its rows and labels were counted too.
  parity: {
    sentence: 'the largest difference of a score asked twice or in another batch is',
    show: short,
  },
}

function judgeErrors(spec: ReadinessCheckSpec, { errors, requests }: Of<'errors'>): Judgement {
  if (requests === 0) return insufficient('no request was sent')
  const isShare = spec.subject.what === 'error_share'
  const value = isShare ? errors / requests : errors
  const show = isShare ? formatShare : formatCount
  return {
    verdict: judgeExactly(value, spec.op, spec.limit),
    because: `${formatCount(errors)} of ${formatCount(requests)} requests failed, allowed ${formatOp(spec.op)} ${show(spec.limit)}`,
    method: 'all requests counted',
    estimate: value,
    limit: spec.limit,
    n: requests,
  }
}

function judgeSignature({
  inputs,
  undeclared,
  takesLabel,
  faults,
  answers,
}: Of<'signature'>): Judgement {
  const method = 'names, types and shapes compared'
  const wrong = [
    ...(undeclared.length === 0
      ? []
      : [`the model asks for inputs that are no declared column: ${undeclared.join(', ')}`]),
    ...(takesLabel === null ? [] : [`the model asks for the label ${takesLabel} as an input`]),
    ...faults,
  ]
  if (wrong.length > 0) return { verdict: 'fail', because: wrong.join('; '), method }
  if (answers === 0) return insufficient('no answer was looked at', method)
  const because = `all ${inputs.length} inputs of the model are declared columns, and ${formatCount(answers)} answers had the declared types and shapes`
  return { verdict: 'pass', because, method }
}

function judgeCompatibility({
  release,
  breaking,
  inputs,
  outputs,
}: Of<'compatibility'>): Judgement {
  const method = 'signatures and classes compared'
  const because =
    breaking.length === 0
      ? `callers of champion ${release} notice nothing: ${inputs} inputs and ${outputs} outputs fit theirs`
      : `callers of champion ${release} would break: ${listed(breaking)}`
  return { verdict: breaking.length === 0 ? 'pass' : 'fail', because, method }
}

/** From the first reading after warm-up to the last: what garbage collection gives back does not count. */
function judgeGrowth(spec: ReadinessCheckSpec, { rssBytes, requests }: Of<'growth'>): Judgement {
  const method = 'memory read under load'
  const half = Math.floor(rssBytes.length / 2)
  if (half < 2) return insufficient('growth of memory was read too few times', method)
  const least = (values: readonly number[]) => Math.min(...values)
  const value = Math.max(0, least(rssBytes.slice(half)) - least(rssBytes.slice(0, half)))
  return {
    verdict: judgeExactly(value, spec.op, spec.limit),
    because: `over ${formatCount(requests)} requests memory grew by ${formatBytes(value)} (lowest reading of the second half against the first), allowed ${formatOp(spec.op)} ${formatBytes(spec.limit)}`,
    method,
    estimate: value,
    limit: spec.limit,
    n: rssBytes.length,
  }
}
