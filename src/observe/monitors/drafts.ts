// Stored objects without the fields that the store stamps.
import type { Draft } from '../../store/object.ts'
import type { Alert } from './alert.ts'
import type { Monitor } from './monitor.ts'

export function draftOfMonitor(monitor: Monitor): Draft<Monitor> {
  const { revision: _revision, createdAt: _created, updatedAt: _updated, ...draft } = monitor
  return draft as Draft<Monitor>
}

export function draftOfAlert(alert: Alert): Draft<Alert> {
  const { revision: _revision, createdAt: _created, updatedAt: _updated, ...draft } = alert
  return draft as Draft<Alert>
}
