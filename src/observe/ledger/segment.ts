// A segment: what one gateway worker counted between two flushes, as a file. Read strictly, because a wrong count is a wrong verdict.
import { type Refusal, refuse } from '../../foundation/refusal.ts'
import type { EvidenceRow } from './evidence.ts'

/** Document version 1. The file's name identifies the segment: storing it twice must count once. */
export interface EvidenceSegment {
  readonly version: 1
  readonly rows: readonly EvidenceRow[]
}

export function parseSegment(text: string): EvidenceSegment | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('segment.not_json', 'it is not JSON (cut off or overwritten)')
  }
  if (!isObject(value)) return refuse('segment.not_object', 'it is not a JSON object')
  if (value.version !== 1) {
    return refuse(
      'segment.version',
      `its version is ${JSON.stringify(value.version) ?? 'missing'}; this Lockstep reads version 1`,
    )
  }
  if (!Array.isArray(value.rows)) return refuse('segment.no_rows', 'it has no list of rows')
  for (const [at, row] of value.rows.entries()) {
    const problem = problemOf(row)
    if (problem) return refuse('segment.bad_row', `row ${at}: ${problem}`)
  }
  return { version: 1, rows: value.rows as EvidenceRow[] }
}

const texts = ['environment', 'model', 'releaseId'] as const
const counts = ['candidateBp', 'minute', 'requests', 'errors', 'clientErrors', 'rows'] as const
const instants = ['firstErrorAt', 'lastErrorAt', 'firstAnswerAt', 'lastAnswerAt'] as const

function problemOf(row: unknown): string | undefined {
  if (!isObject(row)) return 'not an object'
  for (const name of texts) {
    if (typeof row[name] !== 'string' || row[name] === '') return `${name} must be a text`
  }
  if (typeof row.rolloutId !== 'string') return 'rolloutId must be a text (empty outside a rollout)'
  if (!['stable', 'candidate', 'shadow'].includes(String(row.arm))) {
    return `arm is ${JSON.stringify(row.arm)}, allowed are stable, candidate, shadow`
  }
  for (const name of counts) {
    if (!isCount(row[name])) return `${name} must be a whole number of at least 0`
  }
  for (const name of instants) {
    if (row[name] !== null && !isCount(row[name])) return `${name} must be an instant or null`
  }
  if (!isObject(row.latencyHistogram) || !Object.values(row.latencyHistogram).every(isCount)) {
    return 'latencyHistogram must map buckets to counts'
  }
  return undefined
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
