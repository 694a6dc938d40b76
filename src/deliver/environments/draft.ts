// The words every decider of this room uses: names, reasons, and yes or no to a command.
import type { Actor, Intent, IntentAnswer } from '../../store/object.ts'

/** `olga` for `person:olga`: the name a person would say. */
export function nameOf(actor: Actor): string {
  return actor.slice(actor.indexOf(':') + 1)
}

/** The reason given with a command, or null when it says nothing. */
export function reasonOf(intent: Intent): string | null {
  const reason = intent.reason?.trim() ?? ''
  return reason === '' ? null : reason
}

export function accept(intent: Intent, because: string): IntentAnswer {
  return { intentId: intent.id, accepted: true, because }
}

export function decline(intent: Intent, because: string): IntentAnswer {
  return { intentId: intent.id, accepted: false, because }
}

/** The only thing deliver ever asks of a platform: make the world match the deployments. Idempotent. */
export interface EnsureServing {
  readonly kind: 'ensure_serving'
  readonly model: string
  readonly environment: string
}
