// A segment: what one gateway worker counted between two flushes, as a file. Read strictly, because a wrong count is a wrong verdict.
import { type Refusal, refuse } from '../../foundation/refusal.ts'
import type { EvidenceSegment } from '../../serve/gateway/evidence.ts'

export const segmentFormat: EvidenceSegment['format'] = 'lockstep.evidence/1'

export function parseSegment(text: string): EvidenceSegment | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('segment.not_json', 'it is not JSON (cut off or overwritten)')
  }
  if (!isObject(value)) return refuse('segment.not_object', 'it is not a JSON object')
  if (value.format !== segmentFormat) {
    return refuse(
      'segment.format',
      `its format is ${JSON.stringify(value.format) ?? 'missing'}; this Lockstep reads ${segmentFormat}`,
    )
  }
  if (!Array.isArray(value.counts)) return refuse('segment.no_counts', 'it has no list of counts')
  for (const [at, row] of value.counts.entries()) {
    const problem = problemOf(row)
    if (problem) return refuse('segment.bad_count', `counts[${at}]: ${problem}`)
  }
  const { dropped } = value
  if (!isObject(dropped) || ![dropped.capture, dropped.mirror, dropped.evidence].every(isCount)) {
    return refuse('segment.dropped', 'it does not say what was dropped')
  }
  return value as unknown as EvidenceSegment
}

const arms = ['stable', 'candidate', 'mirror', 'pinned']
const texts = ['environment', 'model', 'releaseId'] as const
const counts = [
  'candidateBp',
  'minute',
  'requests',
  'errors',
  'clientErrors',
  'unavailable',
  'rows',
] as const
const durations = ['sumMs', 'maxMs'] as const
const instants = ['firstErrorAt', 'lastErrorAt', 'firstAnswerAt', 'lastAnswerAt'] as const

function problemOf(row: unknown): string | undefined {
  if (!isObject(row)) return 'not an object'
  for (const name of texts) {
    if (typeof row[name] !== 'string' || row[name] === '') return `${name} must be a text`
  }
  if (row.rolloutId !== null && typeof row.rolloutId !== 'string') {
    return 'rolloutId must be a text, or null outside a rollout'
  }
  if (typeof row.arm !== 'string' || !arms.includes(row.arm)) {
    return `arm is ${JSON.stringify(row.arm)}, allowed are ${arms.join(', ')}`
  }
  for (const name of counts) {
    if (!isCount(row[name])) return `${name} must be a whole number of at least 0`
  }
  for (const name of durations) {
    const ms = row[name]
    if (typeof ms !== 'number' || !(ms >= 0)) return `${name} must be milliseconds`
  }
  for (const name of instants) {
    if (row[name] !== null && !isCount(row[name])) return `${name} must be an instant or null`
  }
  if (!Array.isArray(row.latency) || !row.latency.every(isBucket)) {
    return 'latency must be pairs of bucket and count'
  }
  return undefined
}

function isBucket(pair: unknown): boolean {
  return Array.isArray(pair) && pair.length === 2 && pair.every(isCount)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
