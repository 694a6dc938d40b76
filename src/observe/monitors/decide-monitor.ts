// One look of a monitor: count agreeing windows, open or refresh the model's one alert, and close it when the world is as the
// release knows it again, or when a new release brings its own reference.
import type { Instant } from '../../foundation/clock.ts'
import type { MonitorSpec } from '../../project/watch-spec.ts'
import {
  type Change,
  type Decision,
  type Draft,
  draftOf,
  type EventDraft,
  type Notice,
} from '../../store/object.ts'
import { type Alert, monitorsOf } from './alert.ts'
import { type AlertMove, closeAlert, raiseAlert } from './grouped-alert.ts'
import { findingOf, isClear, type Look } from './judge-window.ts'
import type { Finding, Monitor } from './monitor.ts'

export interface SeenOfMonitor {
  /** As declared now; null when the project no longer declares it. */
  readonly spec: MonitorSpec | null
  /** The release that serves as stable, with a reference profile; null when there is none. */
  readonly releaseId: string | null
  /** The look at that release's traffic; null when there is no such release. */
  readonly look: Look | null
  /** During a rollout, the look at the candidate's traffic. */
  readonly candidateLook: Look | null
  /** The open alert of this model and environment, whichever monitor opened it. */
  readonly openAlert: Alert | null
  /** For a new alert. */
  readonly newAlertId: string
}

export function decideMonitor(
  monitor: Monitor,
  seen: SeenOfMonitor,
  now: Instant,
): Decision<Monitor, never> {
  if (monitor.phase === 'retired') return { next: draftOf<Monitor>(monitor), actions: [] }
  if (seen.spec === null) return retire(monitor, seen, now)
  const spec = seen.spec
  const base = { ...draftOf<Monitor>(monitor), spec, wakeAt: now + spec.everyMs }
  if (seen.releaseId !== monitor.referenceReleaseId) return switchReference(base, seen, now)
  const finding = withCandidate(findingOf(spec, seen.look, now), spec, seen, now)
  const counted = countWindow(monitor, finding, isClear(spec, seen.look))
  const next = { ...base, ...counted, finding }
  const changed = monitor.finding?.verdict !== finding.verdict
  const event: EventDraft = {
    type: `monitor.${finding.verdict}`,
    actor: 'system:loop',
    because: `${spec.name}: ${finding.because}`,
  }
  const move = alertMove(next, seen, now)
  return settle(next, { move, openAlert: seen.openAlert, event: changed ? event : undefined })
}

/** A window counts when it holds rows the last one did not; looking again at the same rows is not a second opinion. */
function countWindow(monitor: Monitor, finding: Finding, clear: boolean) {
  const { driftedWindows, clearWindows } = monitor
  const isFresh = finding.newestAt !== null && finding.newestAt !== monitor.finding?.newestAt
  if (!isFresh || finding.verdict === 'insufficient' || finding.verdict === 'errored') {
    return { driftedWindows, clearWindows }
  }
  if (finding.verdict === 'drifted') return { driftedWindows: driftedWindows + 1, clearWindows: 0 }
  return { driftedWindows: 0, clearWindows: clear ? clearWindows + 1 : 0 }
}

function alertMove(
  monitor: Draft<Monitor>,
  seen: SeenOfMonitor,
  now: Instant,
): AlertMove | undefined {
  const { finding, spec } = monitor
  if (!finding || seen.releaseId === null) return undefined
  if (finding.verdict === 'drifted' && monitor.driftedWindows > 0) {
    const isFiring = monitor.driftedWindows >= spec.persistence
    return raiseAlert({
      ...{ monitor, releaseId: seen.releaseId, openAlert: seen.openAlert },
      ...{ newAlertId: seen.newAlertId, causes: finding.causes, isFiring, now },
    })
  }
  if (finding.verdict !== 'stable' || !seen.openAlert) return undefined
  if (!monitorsOf(seen.openAlert).includes(spec.name)) return undefined
  if (seen.openAlert.phase === 'pending') {
    return closeAlert(seen.openAlert, { monitor, now, because: 'it did not persist' })
  }
  if (monitor.clearWindows < spec.persistence) return undefined
  const because = `live traffic looks like the release's data again in ${monitor.clearWindows} windows in a row`
  return closeAlert(seen.openAlert, { monitor, now, because })
}

/** After a new release is installed its own profile is the reference, and what was said about the old one is over. */
function switchReference(
  monitor: Draft<Monitor>,
  seen: SeenOfMonitor,
  now: Instant,
): Decision<Monitor, never> {
  const because =
    seen.releaseId === null
      ? `${monitor.spec.name}: no release with a reference profile serves in ${monitor.environment} any more`
      : `${monitor.spec.name}: ${seen.releaseId} serves in ${monitor.environment}, live traffic is compared with its own profile from now on`
  const next = {
    ...monitor,
    referenceReleaseId: seen.releaseId,
    finding: null,
    driftedWindows: 0,
    clearWindows: 0,
  }
  const event = { type: 'monitor.reference_switched', actor: 'system:loop', because } as const
  const move =
    seen.openAlert && seen.releaseId !== null && seen.openAlert.releaseId !== seen.releaseId
      ? closeAlert(seen.openAlert, {
          monitor,
          now,
          because: `${seen.releaseId} is installed and brings its own reference`,
          isWhole: true,
        })
      : undefined
  return settle(next, { move, openAlert: seen.openAlert, event })
}

function retire(monitor: Monitor, seen: SeenOfMonitor, now: Instant): Decision<Monitor, never> {
  const draft = draftOf<Monitor>(monitor)
  const because = `monitor ${monitor.spec.name} is no longer declared`
  const move = seen.openAlert
    ? closeAlert(seen.openAlert, { monitor: draft, now, because })
    : undefined
  const event = { type: 'monitor.retired', actor: 'system:loop', because } as const
  const { next, ...rest } = settle(draft, { move, openAlert: null, event })
  return { ...rest, next: { ...watching(next), phase: 'retired', wakeAt: null } }
}

/** A candidate that drifts while stable does not is the rollout's own doing: said here, judged by the rollout's analysis. */
function withCandidate(
  finding: Finding,
  spec: MonitorSpec,
  seen: SeenOfMonitor,
  now: Instant,
): Finding {
  if (seen.candidateLook === null) return finding
  const candidate = findingOf(spec, seen.candidateLook, now)
  if (candidate.verdict !== 'drifted') return finding
  const because =
    finding.verdict === 'drifted'
      ? `${finding.because}; the candidate sees the same, so the world changed and not the release`
      : `${finding.because}; only the candidate's traffic moved (${candidate.because}), so the release is the cause`
  return { ...finding, because }
}

interface Outcome {
  readonly move: AlertMove | undefined
  readonly openAlert: Alert | null
  readonly event: EventDraft | undefined
}

/** One commit: the monitor, its alert if that changed, and the messages. */
function settle(next: Draft<Monitor>, outcome: Outcome): Decision<Monitor, never> {
  const { move, openAlert, event } = outcome
  const also: readonly Change[] = move ? [move.change] : []
  const notices: readonly Notice[] = move?.notices ?? []
  const kept = next.phase === 'alerting' && openAlert ? openAlert.id : null
  const alertId = move ? move.openAlertId : kept
  const phased: Draft<Monitor> =
    alertId === null ? watching(next) : { ...next, phase: 'alerting', alertId }
  return { next: phased, ...(event ? { event } : {}), also, actions: [], notices }
}

function watching(monitor: Draft<Monitor>): Draft<Monitor> {
  if (monitor.phase !== 'alerting') return monitor
  const { alertId: _alertId, ...facts } = monitor
  return { ...facts, phase: 'watching' }
}
