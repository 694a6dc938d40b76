// The one alert of a model in an environment, as monitors open, refresh and close it.
import type { Instant } from '../../foundation/clock.ts'
import {
  type Change,
  type Draft,
  draftOf,
  type EventDraft,
  type Notice,
} from '../../store/object.ts'
import { type Alert, alertKind, monitorsOf } from './alert.ts'
import { alertSentence, fingerprintOf, rankCauses } from './alert-text.ts'
import type { Cause, Monitor } from './monitor.ts'

/** What a look does to the alert. */
export interface AlertMove {
  readonly change: Change
  /** The alert that the monitor has a part in afterwards; null when it has none. */
  readonly openAlertId: string | null
  readonly notices: readonly Notice[]
}

export interface Raise {
  readonly monitor: Draft<Monitor>
  readonly releaseId: string
  readonly openAlert: Alert | null
  /** Used when none is open. */
  readonly newAlertId: string
  readonly causes: readonly Cause[]
  /** Enough windows agreed. */
  readonly isFiring: boolean
  readonly now: Instant
}

/** Opens the alert, or adds to the open one. People's marks (acknowledged, snoozed) stay on it. */
export function raiseAlert(raise: Raise): AlertMove {
  const { monitor, releaseId, openAlert, causes, isFiring, now } = raise
  const others = (openAlert?.causes ?? []).filter((cause) => cause.monitor !== monitor.spec.name)
  const all = rankCauses([...causes, ...others])
  const { model, environment } = monitor
  const facts = {
    causes: all,
    sentence: alertSentence({ model, environment, releaseId }, all),
    fingerprint: fingerprintOf(releaseId, all),
    lastSeenAt: now,
  }
  const starts = isFiring && (openAlert === null || openAlert.phase === 'pending')
  const fired = starts ? { phase: 'firing' as const, firedAt: now } : {}
  const draft: Draft<Alert> =
    openAlert === null
      ? { ...newAlert(raise), ...facts, ...fired }
      : ({ ...draftOf<Alert>(openAlert), ...facts, ...fired } as Draft<Alert>)
  const isNew = openAlert === null
  const event: EventDraft | undefined =
    starts || isNew
      ? {
          type: starts ? 'alert.fired' : 'alert.opened',
          actor: 'system:loop',
          because: starts ? facts.sentence : `${facts.sentence}; it must persist before it fires`,
          details: { fingerprint: facts.fingerprint, releaseId },
        }
      : undefined
  return {
    change: change(draft, openAlert, event),
    openAlertId: draft.id,
    notices: starts ? [notice('alert.fired', draft)] : [],
  }
}

export interface Close {
  readonly monitor: Draft<Monitor>
  readonly because: string
  readonly now: Instant
  /** For every monitor that shares the alert, not only this one. */
  readonly isWhole?: boolean
}

/** Takes this monitor's causes away; the alert ends when none is left. */
export function closeAlert(alert: Alert, { monitor, because, now, isWhole }: Close): AlertMove {
  const left = isWhole ? [] : alert.causes.filter(({ monitor: name }) => name !== monitor.spec.name)
  const { model, environment } = monitor
  if (left.length > 0) {
    const subject = { model, environment, releaseId: alert.releaseId }
    const draft = {
      ...draftOf<Alert>(alert),
      causes: left,
      sentence: alertSentence(subject, left),
      fingerprint: fingerprintOf(alert.releaseId, left),
    } as Draft<Alert>
    return { change: change(draft, alert, undefined), openAlertId: null, notices: [] }
  }
  const phase = alert.phase === 'pending' ? ('dropped' as const) : ('resolved' as const)
  const {
    acknowledgedBy: _acknowledged,
    until: _until,
    snoozedBy: _snoozed,
    ...facts
  } = draftOf<Alert>(alert) as Draft<Alert> & {
    acknowledgedBy?: string
    until?: Instant
    snoozedBy?: string
  }
  const draft = {
    ...facts,
    phase,
    closedBecause: because,
    wakeAt: null,
    lastSeenAt: now,
  } as Draft<Alert>
  const event: EventDraft = {
    type: `alert.${phase}`,
    actor: 'system:loop',
    because: `the alert about ${model} in ${environment} is ${phase}: ${because}`,
  }
  return {
    change: change(draft, alert, event),
    openAlertId: null,
    notices: phase === 'resolved' ? [notice('alert.resolved', draft, event.because)] : [],
  }
}

function newAlert({ monitor, releaseId, newAlertId, now }: Raise) {
  return {
    id: newAlertId,
    phase: 'pending' as const,
    model: monitor.model,
    environment: monitor.environment,
    parentId: monitor.id,
    number: null,
    wakeAt: null,
    releaseId,
    firstSeenAt: now,
    firedAt: null,
  }
}

function change(object: Draft<Alert>, before: Alert | null, event: EventDraft | undefined): Change {
  const expect = before?.revision ?? null
  return { kind: alertKind, object, expect, ...(event ? { event } : {}) }
}

/** Enough for a trigger or a person to act on without reading the database. */
function notice(topic: string, alert: Draft<Alert>, sentence = alert.sentence): Notice {
  const { id, model, environment, releaseId, fingerprint, causes } = alert
  const monitors = monitorsOf(alert)
  const columns = causes.map(({ column }) => column)
  return {
    topic,
    sentence,
    details: { alertId: id, model, environment, releaseId, fingerprint, monitors, columns },
  }
}
