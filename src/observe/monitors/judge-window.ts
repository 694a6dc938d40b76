// From a counted window to a finding: drifted, clear enough to end an alert, or not enough to say anything.
import type { Instant } from '../../foundation/clock.ts'
import type { MonitorSpec } from '../../project/watch-spec.ts'
import type { JudgedColumn } from '../drift/judge-columns.ts'
import type { WindowDrift } from '../drift/window-drift.ts'
import { causesText } from './alert-text.ts'
import type { Cause, Finding } from './monitor.ts'

/** A look that could not be made; the sentence says why. */
export interface FailedLook {
  readonly failed: string
}

export type Look = WindowDrift | FailedLook

export function findingOf(spec: MonitorSpec, look: Look | null, now: Instant): Finding {
  const empty = { at: now, rows: 0, newestAt: null, causes: [] }
  if (look === null) {
    const because = `no release with a reference profile serves in ${spec.environment}, so there is nothing to compare`
    return { ...empty, verdict: 'insufficient', because }
  }
  if ('failed' in look) {
    return { ...empty, verdict: 'errored', because: `the window cannot be read: ${look.failed}` }
  }
  const seen = { at: now, rows: look.rows, newestAt: look.newestAt }
  const missing =
    look.notCompared.length === 0
      ? ''
      : `; ${look.notCompared.join(', ')} cannot be compared (not captured, or not in the release's profile)`
  const judged = look.columns.filter(({ verdict }) => verdict !== 'insufficient')
  if (judged.length === 0) {
    const because = `${look.rows} rows so far, ${spec.minRows} are needed on both sides before anything can be said${missing}`
    return { ...seen, verdict: 'insufficient', because, causes: [] }
  }
  const causes = judged
    .filter(({ verdict }) => verdict === 'drifted')
    .map((column) => causeOf(spec, column))
  const because =
    causes.length === 0
      ? `none of ${judged.length} columns drifted in ${look.rows} rows${missing}`
      : `${causes.length} of ${judged.length} columns drifted in ${look.rows} rows: ${causesText(causes)}${missing}`
  return { ...seen, verdict: causes.length === 0 ? 'stable' : 'drifted', because, causes }
}

/** An alert ends below half of the size at which it began, so that a value near the limit does not flap. */
export function isClear(spec: MonitorSpec, look: Look | null): boolean {
  if (look === null || 'failed' in look) return false
  const judged = look.columns.filter(({ verdict }) => verdict !== 'insufficient')
  return judged.length > 0 && judged.every(({ excess }) => excess < spec.psi / 2)
}

function causeOf(spec: MonitorSpec, column: JudgedColumn): Cause {
  return {
    monitor: spec.name,
    column: column.column,
    psi: column.psi,
    excess: column.excess,
    adjustedPValue: column.adjustedPValue,
    movers: column.movers.map(({ sentence }) => sentence),
  }
}
