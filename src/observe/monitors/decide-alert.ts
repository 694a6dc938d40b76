// What people do to an alert: acknowledge it, snooze it until a time. Opening and closing is its monitors' business.
import { type Instant, toIso } from '../../foundation/clock.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import {
  type Decision,
  type Draft,
  draftOf,
  type EventDraft,
  type Intent,
  type IntentAnswer,
} from '../../store/object.ts'
import { type Alert, alertKind } from './alert.ts'

export interface SeenOfAlert {
  /** Oldest first. */
  readonly intents: readonly Intent[]
}

export function decideAlert(
  alert: Alert,
  { intents }: SeenOfAlert,
  now: Instant,
): Decision<Alert, never> {
  let next = draftOf<Alert>(alert)
  let event: EventDraft | undefined
  const answers: IntentAnswer[] = []
  if (next.phase === 'snoozed' && next.until <= now) {
    event = {
      type: 'alert.fired',
      actor: 'system:loop',
      because: `the snooze is over: ${next.sentence}`,
    }
    next = unmarked(next, 'firing')
  }
  for (const intent of intents) {
    const outcome = event ? busy : obey(next, intent, now)
    const accepted = !isRefusal(outcome)
    if (accepted) {
      next = outcome.next
      event = outcome.event
    }
    const because = isRefusal(outcome) ? outcome.because : outcome.event.because
    answers.push({ intentId: intent.id, accepted, because })
  }
  return { next, ...(event ? { event } : {}), actions: [], answers }
}

const busy = refuse(
  'alert.busy',
  'the alert changed at the same moment; look again and repeat this',
)

interface Outcome {
  readonly next: Draft<Alert>
  readonly event: EventDraft
}

function obey(alert: Draft<Alert>, intent: Intent, now: Instant): Outcome | Refusal {
  const { command, actor } = intent
  if (command !== 'acknowledge' && command !== 'snooze') {
    return refuse(
      'alert.unknown_command',
      `an alert knows no command '${command}'; allowed are acknowledge, snooze`,
    )
  }
  const phase = command === 'acknowledge' ? 'acknowledged' : 'snoozed'
  const allowed = alertKind.transitions[alert.phase]
  if (!allowed.includes(phase)) {
    return refuse(
      'alert.transition_refused',
      `the alert is '${alert.phase}' and cannot become '${phase}'; allowed now: ${allowed.join(', ') || 'nothing, it is final'}`,
    )
  }
  const said = intent.reason ? `: ${intent.reason}` : ''
  if (command === 'acknowledge') {
    const because = `${actor} has seen it${said}`
    const next = { ...unmarked(alert, 'firing'), phase, acknowledgedBy: actor } as Draft<Alert>
    return { next, event: { type: 'alert.acknowledged', actor, because } }
  }
  const until = intent.payload.until
  if (typeof until !== 'number' || !Number.isFinite(until) || until <= now) {
    return refuse(
      'alert.snooze_until',
      'to snooze an alert, say until when: an instant in the future',
    )
  }
  const marks = { phase, until, snoozedBy: actor, wakeAt: until }
  const next = { ...unmarked(alert, 'firing'), ...marks } as Draft<Alert>
  const because = `${actor} wants to hear of it again at ${toIso(until)}${said}`
  return { next, event: { type: 'alert.snoozed', actor, because } }
}

function unmarked(alert: Draft<Alert>, phase: 'firing'): Draft<Alert> {
  const {
    acknowledgedBy: _acknowledged,
    until: _until,
    snoozedBy: _snoozed,
    ...facts
  } = alert as Draft<Alert> & { acknowledgedBy?: string; until?: Instant; snoozedBy?: string }
  return { ...facts, phase, wakeAt: null } as Draft<Alert>
}
