// Runs: one at a time per model, in order of arrival. Execution is a task of its own; this pass only starts it and obeys cancels.
import { sentenceOf } from '../../foundation/errors.ts'
import { type Change, draftOf, type IntentAnswer } from '../../store/object.ts'
import type { Reconciler } from '../loop.ts'
import { executeRun } from '../runs/execute-run.ts'
import { type ActiveRun, isEnded, type Run, runKind } from '../runs/run.ts'
import type { RunWorld } from '../runs/run-world.ts'

export interface RunReconciler extends Reconciler {
  /** Cancels nothing: waits until what is executing has ended or `stop` has aborted it. */
  drain(): Promise<void>
}

/** A sweep in case an end was not noticed; an end normally wakes the queue itself. */
const recheckMs = 1000

export function createRunReconciler(world: RunWorld, stop: AbortSignal): RunReconciler {
  const executing = new Map<
    string,
    { readonly cancel: AbortController; readonly done: Promise<void> }
  >()
  const { store, clock } = world

  const start = (run: ActiveRun) => {
    const cancel = new AbortController()
    const done = executeRun(world, run, { cancel: cancel.signal, stop })
      .catch((error) =>
        world.logger.error('run could not record its end', {
          run: run.id,
          error: sentenceOf(error),
        }),
      )
      .finally(() => executing.delete(run.id))
      .then(() => wakeWaiting(run.model))
      // The sweep finds them all the same.
      .catch(() => {})
    executing.set(run.id, { cancel, done })
  }

  const wakeWaiting = async (model: string) => {
    if (stop.aborted) return
    for (const run of await store.list<Run>(runKind, { model, active: true }))
      await store.wake(runKind.name, run.id, clock.now())
  }

  /** A run left over by an earlier control plane goes on from what is cached. */
  const resume = async (run: ActiveRun) => {
    if (run.phase === 'interrupted') return start(run)
    const because = 'the control plane was restarted while this run was under way'
    const change: Change<Run> = {
      kind: runKind,
      object: { ...draftOf(run), phase: 'interrupted', because },
      expect: run.revision,
      event: { type: 'run.interrupted', actor: 'system:loop', because },
    }
    await store.commit({ changes: [change] })
    const next = await store.get(runKind, run.id)
    if (!isEnded(next)) start(next)
  }

  const obey = async (run: Run): Promise<boolean> => {
    const intents = await store.openIntents(runKind.name, run.id)
    if (intents.length === 0) return false
    const active = executing.get(run.id)
    const answers = intents.map((intent): IntentAnswer => {
      if (intent.command !== 'cancel')
        return {
          intentId: intent.id,
          accepted: false,
          because: `a run has no command '${intent.command}'`,
        }
      if (isEnded(run))
        return {
          intentId: intent.id,
          accepted: false,
          because: `run ${run.number} has ended already: ${run.phase}`,
        }
      return {
        intentId: intent.id,
        accepted: true,
        because: `run ${run.number} is being cancelled`,
      }
    })
    const [first] = intents
    const cancelled = first && answers.some((answer) => answer.accepted)
    const because = cancelled
      ? `cancelled by ${first.actor}${first.reason ? `: ${first.reason}` : ''}`
      : ''
    if (cancelled && !active && !isEnded(run)) {
      const ended = {
        ...draftOf<Run>(run),
        phase: 'cancelled',
        because,
        wakeAt: null,
        finishedAt: clock.now(),
        releaseId: null,
        sameAs: null,
        evidenceDigest: null,
      }
      await store.commit({
        answers,
        changes: [
          {
            kind: runKind,
            object: ended,
            expect: run.revision,
            event: { type: 'run.cancelled', actor: first.actor, because },
          },
        ],
      })
      return true
    }
    await store.commit({ changes: [], answers })
    if (cancelled) active?.cancel.abort(because)
    return cancelled === true
  }

  return {
    kindName: runKind.name,
    async reconcile(id, now) {
      const run = await store.get(runKind, id)
      if (await obey(run)) return
      if (isEnded(run)) return store.wake(runKind.name, id, null)
      if (executing.has(id)) return store.wake(runKind.name, id, now + recheckMs)
      const active = await store.list(runKind, { model: run.model, active: true })
      const ahead = active.some(
        (other) => executing.has(other.id) || (other.number < run.number && !isEnded(other)),
      )
      if (!ahead && !stop.aborted) {
        if (run.phase === 'queued') start(run)
        else await resume(run)
      }
      await store.wake(runKind.name, id, now + recheckMs)
    },
    async drain() {
      await Promise.all([...executing.values()].map((one) => one.done))
    },
  }
}
