// What a forwarded request came to: the status for the client and whose fault it counts as.
import { errorBody, type Situation, statusTable } from '../protocol/status.ts'
import type { Answer } from '../runtime/frames.ts'
import type { Outcome } from './evidence.ts'
import type { Unanswered } from './forward.ts'

export interface Judgement {
  readonly status: number
  readonly outcome: Outcome
  readonly rows: number
  /** Whether a replica answered. */
  readonly answered: boolean
}

const unansweredMeaning: Record<
  Unanswered,
  { situation: Situation; outcome: Outcome; why: string }
> = {
  no_replica: { situation: 'not_ready', outcome: 'unavailable', why: 'has no replica that is up' },
  saturated: {
    situation: 'saturated',
    outcome: 'unavailable',
    why: 'has too many requests waiting',
  },
  deadline: { situation: 'deadline', outcome: 'error', why: 'did not answer before the deadline' },
  lost_twice: {
    situation: 'model_failed',
    outcome: 'error',
    why: 'lost two replicas while they worked on this request',
  },
}

export function judge(outcome: Answer | Unanswered): Judgement {
  if (typeof outcome === 'string') {
    const { situation, outcome: kind } = unansweredMeaning[outcome]
    return { status: statusTable[situation], outcome: kind, rows: 0, answered: false }
  }
  const { status, rows } = outcome
  return { status, outcome: outcomeOf(status), rows, answered: true }
}

function outcomeOf(status: number): Outcome {
  if (status === 200) return 'ok'
  if (status === 503) return 'unavailable'
  return status < 500 ? 'client_error' : 'error'
}

export function unansweredBody(outcome: Unanswered, release: string): string {
  return errorBody(`release ${release} ${unansweredMeaning[outcome].why}`)
}
