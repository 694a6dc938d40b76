// One time a trigger fired, with every cause, and what became of it: a run, or the brake that stopped it.
import type { Instant } from '../../foundation/clock.ts'
import type { TriggerSpec } from '../../project/watch-spec.ts'
import { type Change, defineKind, type StoredObject } from '../../store/object.ts'

export interface FiringCause {
  readonly kind: TriggerSpec['on']['kind'] | 'person'
  /** What happened: `drift in age (PSI 0.31) and education (PSI 0.22)`. */
  readonly sentence: string
  /** The alert, data version or schedule slot it came from. */
  readonly ref: string | null
}

export type Brake = 'tripped' | 'cooldown' | 'daily_cap' | 'run_in_flight' | 'same_input' | 'held'

interface FiringFields extends StoredObject {
  readonly trigger: string
  readonly detectedAt: Instant
  /** Merged firings keep all of them. */
  readonly causes: readonly FiringCause[]
  /** Digest of the data the run would use; null when unknown, which brakes nothing. */
  readonly inputDigest: string | null
}

export interface OpenFiring extends FiringFields {
  readonly phase: 'detected'
}

export interface AdmittedFiring extends FiringFields {
  readonly phase: 'admitted'
  readonly deadlineAt: Instant
}

export interface StartedFiring extends FiringFields {
  readonly phase: 'run_created'
  readonly runId: string
  readonly admittedAt: Instant
}

export interface SuppressedFiring extends FiringFields {
  readonly phase: 'suppressed'
  readonly brake: Brake
  readonly because: string
}

export interface CoalescedFiring extends FiringFields {
  readonly phase: 'coalesced'
  readonly into: string
}

export interface FailedFiring extends FiringFields {
  readonly phase: 'failed'
  readonly because: string
}

export type Firing =
  | OpenFiring
  | AdmittedFiring
  | StartedFiring
  | SuppressedFiring
  | CoalescedFiring
  | FailedFiring

export const firingKind = defineKind<Firing>({
  name: 'firing',
  transitions: {
    detected: ['coalesced', 'suppressed', 'admitted'],
    admitted: ['run_created', 'failed'],
    coalesced: [],
    suppressed: [],
    run_created: [],
    failed: [],
  },
  initial: ['detected'],
})

export function createFiring(fired: {
  readonly id: string
  readonly model: string
  readonly trigger: Pick<TriggerSpec, 'name'>
  readonly cause: FiringCause
  readonly inputDigest: string | null
  readonly now: Instant
}): Change<Firing> {
  const { id, model, trigger, cause, inputDigest, now } = fired
  return {
    kind: firingKind,
    expect: null,
    object: {
      id,
      phase: 'detected',
      model,
      environment: null,
      parentId: null,
      number: null,
      wakeAt: now,
      trigger: trigger.name,
      detectedAt: now,
      causes: [cause],
      inputDigest,
    },
    event: {
      type: 'firing.detected',
      actor: 'system:loop',
      because: cause.sentence,
      details: { trigger: trigger.name, ref: cause.ref },
    },
  }
}
