// The one writer of a run while it executes: every save carries the revision of the last, in order.

import { type Actor, type Change, draftOf } from '../../store/object.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import { type ActiveRun, type EndedRun, type Run, runKind, type StepRecord } from './run.ts'

export interface RunRecorder {
  readonly run: Run
  /** A new phase or a fact people should see, with its event. */
  move(
    next: Partial<ActiveRun>,
    event: { readonly type: string; readonly because: string },
  ): Promise<void>
  /** Progress only: no event. Saves are merged while one is under way. */
  progress(steps: readonly StepRecord[]): void
  /** The last save; nothing may follow. `also` commits with it. */
  end(
    end: Pick<EndedRun, 'phase' | 'because'> & Partial<EndedRun>,
    also?: readonly Change[],
    details?: Readonly<Record<string, unknown>>,
  ): Promise<void>
}

const actor: Actor = 'system:loop'

export function recordRun(store: ObjectStore, first: Run, now: () => number): RunRecorder {
  let run: Run = first
  let queue: Promise<void> = Promise.resolve()
  let pending: readonly StepRecord[] | undefined

  const save = (
    object: Run,
    event?: { type: string; because: string; details?: Readonly<Record<string, unknown>> },
    also: readonly Change[] = [],
  ) => {
    const before = run
    run = { ...object, revision: before.revision + 1 }
    const change: Change<Run> = {
      kind: runKind,
      object: draftOf<Run>(object),
      expect: before.revision,
      ...(event ? { event: { actor, ...event } } : {}),
    }
    return store.commit({ changes: [change, ...also] })
  }
  const inOrder = (task: () => Promise<void>) => {
    queue = queue.then(task)
    return queue
  }
  const flushed = (): Run => {
    const steps = pending ?? run.steps
    pending = undefined
    return { ...run, steps }
  }

  return {
    get run() {
      return run
    },
    move: (next, event) =>
      inOrder(() => save({ ...flushed(), ...next, because: event.because } as Run, event)),
    progress(steps) {
      const waiting = pending !== undefined
      pending = steps
      if (waiting) return
      inOrder(async () => {
        if (pending) await save(flushed())
      }).catch(() => {
        // The next move() meets the same trouble and reports it.
      })
    },
    end: (end, also, details) =>
      inOrder(() => {
        const ended = {
          ...flushed(),
          releaseId: null,
          sameAs: null,
          evidenceDigest: null,
          ...end,
          finishedAt: now(),
          wakeAt: null,
        } as EndedRun
        const event = {
          type: `run.${end.phase}`,
          because: end.because,
          ...(details ? { details } : {}),
        }
        return save(ended, event, also)
      }),
  }
}
