// What every stored object has in common: an identity, a phase that moves along a table, a revision, and a time to wake.

import type { Instant } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'

/** The fields the store itself reads; each room adds its own to form a union discriminated by `phase`. */
export interface StoredObject {
  readonly id: string
  readonly phase: string
  /** Counts writes: 1 at creation. A save names the revision it read. */
  readonly revision: number
  readonly model: string
  readonly environment: string | null
  /** The object this one serves: a rollout's promotion, a promotion's release, a release's run. */
  readonly parentId: string | null
  /** For people: run 7, release 3. Null where nobody counts them. */
  readonly number: number | null
  /** When the loop looks again; null for sleeping until someone writes an intent. */
  readonly wakeAt: Instant | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** A kind of object with its whole transition table: what is not in the table is refused. */
export interface Kind<T extends StoredObject> {
  readonly name: string
  /** Every phase, and the phases that may follow. A phase with an empty list is terminal. */
  readonly transitions: Readonly<Record<T['phase'], readonly T['phase'][]>>
  /** Phases in which an object may be created. */
  readonly initial: readonly T['phase'][]
}

export function defineKind<T extends StoredObject>(kind: Kind<T>): Kind<T> {
  return kind
}

export function isTerminal<T extends StoredObject>(kind: Kind<T>, phase: T['phase']): boolean {
  return kind.transitions[phase].length === 0
}

/** Throws `store.transition_refused` with what is allowed now, unless the table allows the move (or the phase stays). */
export function checkTransition<T extends StoredObject>(
  kind: Kind<T>,
  from: T['phase'],
  to: T['phase'],
): void {
  const allowed: readonly T['phase'][] = kind.transitions[from] ?? []
  if (from === to || allowed.includes(to)) return
  const list = allowed.length === 0 ? `nothing, '${from}' is final` : allowed.join(', ')
  throw new LockstepError({
    code: 'store.transition_refused',
    kind: 'conflict',
    message: `a ${kind.name} cannot go from '${from}' to '${to}'; allowed now: ${list}`,
    details: { kind: kind.name, from, to, allowed },
  })
}

/** Who did it: `person:olga`, `policy:production`, `system:loop`. */
export type Actor =
  | `person:${string}`
  | `service:${string}`
  | `policy:${string}`
  | `system:${string}`

/** A human command, written down and left to the loop: one writer per object. */
export interface Intent {
  readonly id: string
  readonly kind: string
  readonly objectId: string
  readonly command: string
  readonly actor: Actor
  readonly reason: string | null
  readonly payload: Readonly<Record<string, unknown>>
  readonly writtenAt: Instant
}

/** The loop's answer to an intent, shown to whoever wrote it. */
export interface IntentAnswer {
  readonly intentId: string
  readonly accepted: boolean
  readonly because: string
}

/** The audit sentence of one change. */
export interface EventDraft {
  /** Dotted, past tense: `promotion.approved`, `rollout.stepped`. */
  readonly type: string
  readonly actor: Actor
  readonly because: string
  readonly details?: Readonly<Record<string, unknown>>
}

export interface StoredEvent extends EventDraft {
  readonly seq: number
  readonly at: Instant
  readonly kind: string
  readonly objectId: string
  readonly revision: number
  readonly phase: string
  readonly model: string
  readonly environment: string | null
  readonly previousHash: string
  readonly hash: string
}

/** One object's next state. `expect` is the revision that was read; null creates it. */
export interface Change<T extends StoredObject = StoredObject> {
  readonly kind: Kind<T>
  readonly object: Draft<T>
  readonly expect: number | null
  /** Absent only when nothing a person would notice changed (a new wake time, progress of a running step). */
  readonly event?: EventDraft
}

/** What a room hands in; the store stamps the revision and the times. */
export type Draft<T extends StoredObject> = T extends StoredObject
  ? Omit<T, 'revision' | 'createdAt' | 'updatedAt'>
  : never

/** A stored object without the fields the store stamps: what a decider starts its answer from. */
export function draftOf<T extends StoredObject>(object: T): Draft<T> {
  const { revision: _revision, createdAt: _createdAt, updatedAt: _updatedAt, ...rest } = object
  return rest as unknown as Draft<T>
}

/**
 * What a decider answers: the next state, what to make true in the world, the answers to intents, and the sentence why.
 * Actions are declarative and idempotent ("ensure …"), so the next pass may repeat them after a crash.
 */
export interface Decision<T extends StoredObject, Action> {
  readonly next: Draft<T>
  readonly event?: EventDraft
  /** Other objects created or changed in the same transaction. */
  readonly also?: readonly Change[]
  readonly actions: readonly Action[]
  readonly answers?: readonly IntentAnswer[]
  /** Messages for people, delivered after the transaction, at least once. */
  readonly notices?: readonly Notice[]
}

export interface Notice {
  readonly topic: string
  readonly sentence: string
  readonly details?: Readonly<Record<string, unknown>>
}
