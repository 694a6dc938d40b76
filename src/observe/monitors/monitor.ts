// A monitor: a standing watch over one model in one environment. What it found last stays visible beside its phase.
import type { Instant } from '../../foundation/clock.ts'
import type { MonitorSpec } from '../../project/watch-spec.ts'
import { type Draft, defineKind, type StoredObject } from '../../store/object.ts'

interface MonitorFacts extends StoredObject {
  readonly environment: string
  readonly number: null
  readonly spec: MonitorSpec
  /** The release whose own profile live traffic is compared with; null while nothing serves. */
  readonly referenceReleaseId: string | null
  readonly finding: Finding | null
  /** Windows in a row that said drifted, or clear. An insufficient one changes neither. */
  readonly driftedWindows: number
  readonly clearWindows: number
}

export type Monitor = MonitorFacts &
  (
    | { readonly phase: 'watching' | 'retired' }
    | { readonly phase: 'alerting'; readonly alertId: string }
  )

/** `alerting` is a watch with an open alert; it goes on looking. `retired`: no longer declared. */
export const monitorKind = defineKind<Monitor>({
  name: 'monitor',
  initial: ['watching'],
  transitions: {
    watching: ['alerting', 'retired'],
    alerting: ['watching', 'retired'],
    retired: [],
  },
})

/** What a look found. `insufficient` and `errored` never mean that nothing drifted. */
export interface Finding {
  readonly at: Instant
  readonly verdict: 'drifted' | 'stable' | 'insufficient' | 'errored'
  readonly because: string
  readonly rows: number
  /** When the newest row of the window was served: a window without new rows counts only once. */
  readonly newestAt: Instant | null
  readonly causes: readonly Cause[]
}

/** One column that moved, with enough to act on. */
export interface Cause {
  readonly monitor: string
  readonly column: string
  readonly psi: number
  /** PSI beyond the noise of the sample sizes; causes are ranked by it. */
  readonly excess: number
  readonly adjustedPValue: number
  /** What moved within the column, greatest first: `age 60–90: 4 % → 31 %`. */
  readonly movers: readonly string[]
}

/** `createMonitor` for each declared monitor that has no object yet. */
export function createMonitor(request: {
  readonly id: string
  readonly model: string
  readonly spec: MonitorSpec
  readonly now: Instant
}): Draft<Monitor> {
  const { id, model, spec, now } = request
  return {
    id,
    phase: 'watching',
    model,
    environment: spec.environment,
    parentId: null,
    number: null,
    wakeAt: now + spec.everyMs,
    spec,
    referenceReleaseId: null,
    finding: null,
    driftedWindows: 0,
    clearWindows: 0,
  }
}
