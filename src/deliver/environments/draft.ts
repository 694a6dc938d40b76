// A stored object without the fields the store stamps: what a decider starts its answer from.
import type { Actor, Draft, Intent, IntentAnswer, StoredObject } from '../../store/object.ts'

export function draftOf<T extends StoredObject>(object: T): Draft<T> {
  const { revision: _revision, createdAt: _createdAt, updatedAt: _updatedAt, ...rest } = object
  return rest as unknown as Draft<T>
}

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
