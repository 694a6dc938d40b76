// An alert: one finding a person should see, grouped per model and environment however many columns and monitors are behind it.
import type { Instant } from '../../foundation/clock.ts'
import { defineKind, type StoredObject } from '../../store/object.ts'
import type { Cause } from './monitor.ts'

interface AlertFacts extends StoredObject {
  readonly environment: string
  readonly number: null
  /** The release that was serving, whose profile is the reference. */
  readonly releaseId: string
  /** Ranked, greatest first; of all monitors that share this alert. */
  readonly causes: readonly Cause[]
  /** What people read. */
  readonly sentence: string
  /** The same drifted columns against the same release: a trigger need not fire twice for it. */
  readonly fingerprint: string
  readonly firstSeenAt: Instant
  readonly lastSeenAt: Instant
  readonly firedAt: Instant | null
}

export type Alert = AlertFacts &
  (
    | { readonly phase: 'pending' | 'firing' }
    | { readonly phase: 'acknowledged'; readonly acknowledgedBy: string }
    | { readonly phase: 'snoozed'; readonly until: Instant; readonly snoozedBy: string }
    | { readonly phase: 'resolved' | 'dropped'; readonly closedBecause: string }
  )

/** `pending` waits for its monitor to look again; `dropped` did not persist; a snoozed one fires again at its time. */
export const alertKind = defineKind<Alert>({
  name: 'alert',
  initial: ['pending', 'firing'],
  transitions: {
    pending: ['firing', 'dropped'],
    firing: ['acknowledged', 'snoozed', 'resolved'],
    acknowledged: ['snoozed', 'resolved'],
    snoozed: ['firing', 'acknowledged', 'resolved'],
    resolved: [],
    dropped: [],
  },
})

/** The distinct monitors behind an alert. */
export function monitorsOf(alert: { readonly causes: readonly Cause[] }): string[] {
  return [...new Set(alert.causes.map(({ monitor }) => monitor))]
}
