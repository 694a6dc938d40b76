// Operational readiness of the packaged artifact, measured on the process that serves it: `loads < 10s`, `latency p99 <= 50ms`,
// `compatible_with champion`, `rollback rehearsed in staging`. How the lines are read stands in ../parse-readiness.ts.
import {
  isReadinessMethod,
  type ReadinessStatistics,
  readinessStatistics,
} from '../../readiness/readiness-statistics.ts'
import type { CheckFamily, CheckForm } from '../check-family.ts'
import { type CheckStatistics, mismatched } from '../check-result.ts'
import type { ReadinessCheckSpec } from '../check-spec.ts'
import { faultOfHoldout, type GateEvidenceInput, unreadable } from '../gate-evidence.ts'
import { judgeReadiness } from '../judging/judge-readiness.ts'
import { parseReadiness, readLimit } from '../language/parse-readiness.ts'

const forms: readonly CheckForm[] = [
  { line: 'loads < 10s', says: 'the runtime is ready to answer in time' },
  {
    line: 'cold_start < 3s',
    options: { starts: 5 },
    says: 'from starting a fresh process to its first answer, several times',
  },
  {
    line: 'latency p99 <= 40ms',
    options: { rate: '50/s', duration: '30s' },
    says: 'when requests arrive on a schedule, at a stated rate',
  },
  {
    line: 'latency p99 <= 1.2 * champion',
    says: 'candidate and champion take turns on the same machine',
  },
  {
    line: 'throughput >= 500/s',
    options: { concurrency: 16, duration: '2s' },
    says: 'answers to single rows while that many requests are kept in flight',
  },
  { line: 'errors = 0', says: 'no request fails while latency is measured' },
  { line: 'rss < 1.5GB', says: 'peak memory of the process that serves it' },
  { line: 'memory_growth < 20MB', says: 'memory does not creep up under load' },
  { line: 'size < 50MB', says: 'the artifact on disk' },
  { line: 'parity(batch, online) <= 1e-5', says: 'a row scores the same alone and in a batch' },
  {
    line: 'parity(training) <= 1e-5',
    says: 'a row is served the score that training predicted for it',
  },
  {
    line: 'deterministic',
    options: { tolerance: 1e-6 },
    says: 'the same answer when asked twice, in another batch and after a restart',
  },
  {
    line: 'signature honoured',
    says: 'inputs are declared columns, answers have the declared types and shapes',
  },
  {
    line: 'compatible_with champion',
    says: 'its callers need send nothing new and find every output as it was',
  },
  {
    line: 'golden requests',
    options: { file: 'golden.json', tolerance: 1e-5 },
    says: 'requests in a file get the answers in that file',
  },
  { line: 'bad_input refused', says: 'wrong requests get a reason, and the process lives' },
  { line: 'owner named', says: 'model.owner is declared' },
  { line: 'runbook exists', says: 'model.runbook names a file that says something' },
  { line: 'monitored', says: 'a monitor watches an environment' },
  { line: 'monitored in production', says: 'a monitor watches this environment' },
  {
    line: 'rollback rehearsed in staging',
    options: { within: '90d' },
    says: 'someone, or a rollout, has gone back there',
  },
]

export const readinessFamily: CheckFamily<ReadinessCheckSpec> = {
  kind: 'readiness',
  names: [
    ...['loads', 'cold_start', 'latency', 'throughput', 'errors', 'rss', 'memory_growth', 'size'],
    ...['parity', 'deterministic', 'signature', 'compatible_with', 'golden', 'bad_input'],
    ...['owner', 'runbook', 'monitored', 'rollback'],
  ],
  options: ['rate', 'duration', 'starts', 'concurrency', 'tolerance', 'file', 'within'],
  forms,
  parse: parseReadiness,
  measure(spec, evidence, settings) {
    const { subject } = spec
    if (subject.what === 'parity' && subject.with === 'training') return trainingParity(evidence)
    const { readiness } = evidence
    return readiness === undefined
      ? unreadable('readiness was not measured')
      : readinessStatistics(spec, readiness, settings.confidence)
  },
  judge: (spec, statistics, settings) =>
    isReadiness(statistics) ? judgeReadiness(spec, statistics, settings) : mismatched(spec),
  warn: {
    read: (text, { subject }) => readLimit(subject, text),
    of: ({ op, limit }) => ({ op, limit }),
    at: (spec, limit) => ({ ...spec, limit }),
  },
}

function isReadiness(statistics: CheckStatistics): statistics is ReadinessStatistics {
  return isReadinessMethod(statistics.method)
}

/** Training's own predictions are compared with the scores of the whole holdout, which need no replica of their own. */
function trainingParity({
  holdout,
  trainingPredictions: found,
}: GateEvidenceInput): CheckStatistics {
  // A score that is no number differs from nothing.
  const fault = faultOfHoldout(holdout)
  if (fault !== undefined) return unreadable(fault)
  if (found === undefined)
    return unreadable(
      'training wrote no predictions to compare with: name their file under evaluate.predictions in lockstep.yaml',
    )
  return typeof found === 'string' ? unreadable(found) : { method: 'training_parity', ...found }
}
