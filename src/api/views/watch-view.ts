// Monitors, alerts and firings as the wire shows them.
import type { Firing } from '../../deliver/triggers/firing.ts'
import { toIso } from '../../foundation/clock.ts'
import { type Alert, monitorsOf } from '../../observe/monitors/alert.ts'
import type { Monitor } from '../../observe/monitors/monitor.ts'
import type { Release } from '../../release/release.ts'
import type { AlertView, FiringView, MonitorView } from '../contract/views.ts'
import { refView } from './delivery-view.ts'
import { isoOrNull } from './run-view.ts'

export function monitorView(monitor: Monitor): MonitorView {
  const { finding } = monitor
  return {
    name: monitor.spec.name,
    environment: monitor.environment,
    phase: monitor.phase,
    because: finding?.because ?? 'has not looked yet',
    rows: finding?.rows ?? 0,
    lookedAt: isoOrNull(finding?.at),
  }
}

export function alertView(alert: Alert, releases: readonly Release[]): AlertView {
  const release = releases.find((one) => one.id === alert.releaseId)
  return {
    id: alert.id,
    monitor: monitorsOf(alert).join(', '),
    phase: alert.phase,
    environment: alert.environment,
    release: release ? refView({ releaseId: release.id, number: release.number }, releases) : null,
    because: alert.sentence,
    causes: alert.causes.map(
      (cause) =>
        `${cause.column} (PSI ${cause.psi.toFixed(2)}${cause.movers[0] ? `: ${cause.movers[0]}` : ''})`,
    ),
    firedAt: isoOrNull(alert.firedAt),
    resolvedAt: alert.phase === 'resolved' ? toIso(alert.updatedAt) : null,
  }
}

export function firingView(firing: Firing): FiringView {
  const cause = firing.causes.map((one) => one.sentence).join('; ')
  return {
    id: firing.id,
    trigger: firing.trigger,
    phase: firing.phase,
    because: 'because' in firing ? firing.because : cause,
    cause,
    runId: 'runId' in firing ? firing.runId : null,
    at: toIso(firing.detectedAt),
  }
}
