// The recorder writes a run while it executes: in order, with progress merged, and nothing after the end.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { TestClock } from '../../../test/support/test-clock.ts'
import { createObjectStore, type ObjectStore } from '../../store/object-store.ts'
import type { Database } from '../../store/schema.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { createRun, type Run, runKind, type StepRecord, untraced } from './run.ts'
import { type RunRecorder, recordRun } from './run-recorder.ts'

let db: Database
let store: ObjectStore
let recorder: RunRecorder
const clock = new TestClock()
beforeEach(async () => {
  db = await openSqlite(':memory:')
  store = createObjectStore(db, clock)
  const fields = { id: 'run_1', model: 'm', number: 1, trigger: 'person', cause: 'started by olga' }
  const change = createRun({
    ...fields,
    startedBy: 'person:olga',
    force: false,
    now: clock.now(),
    parentId: null,
  })
  await store.commit({ changes: [change as never] })
  recorder = recordRun(store, await store.get(runKind, 'run_1'), () => clock.now())
})
afterEach(() => db.destroy())

const stored = (): Promise<Run> => store.get(runKind, 'run_1')
const step = (name: string, verdict: StepRecord['verdict']): StepRecord => ({
  ...{ name, verdict, because: '', key: null, logDigest: null, startedAt: null, finishedAt: null },
  ...{ declaredAs: name, attempt: 0, expectedMs: null, outputs: [], metrics: {}, reads: untraced },
})
const resolving = { type: 'run.resolving', because: 'pinning' }

test('a burst of progress is a few saves without events, the last one wins', async () => {
  await recorder.move({ phase: 'resolving' }, resolving)
  await recorder.move({ phase: 'running' }, { type: 'run.started', because: 'go' })
  for (let i = 0; i < 100; i++) recorder.progress([step(`s${i}`, 'running')])
  await recorder.move({ phase: 'gating' }, { type: 'run.gating', because: 'judge' })
  const run = await stored()
  expect(run).toMatchObject({ phase: 'gating', steps: [{ name: 's99' }] })
  expect(run.revision).toBeLessThanOrEqual(6)
  expect((await store.events({})).map((event) => event.type)).toEqual([
    'run.queued',
    'run.resolving',
    'run.started',
    'run.gating',
  ])
})

test('moves asked for at once land in the order they were asked for', async () => {
  await Promise.all([
    recorder.move({ phase: 'resolving' }, resolving),
    recorder.move({ phase: 'running' }, { type: 'run.started', because: 'go' }),
    recorder.end({ phase: 'cancelled', because: 'enough' }),
  ])
  expect(await stored()).toMatchObject({
    phase: 'cancelled',
    because: 'enough',
    wakeAt: null,
    finishedAt: clock.now(),
    releaseId: null,
  })
})

test('when a save fails, whoever asks next is told, and what was saved stays whole', async () => {
  await recorder.move({ phase: 'resolving' }, resolving)
  const elsewhere = await stored()
  const { revision, createdAt: _c, updatedAt: _u, ...draft } = elsewhere
  await store.commit({
    changes: [{ kind: runKind, object: { ...draft, because: 'x' }, expect: revision } as never],
  })
  recorder.progress([step('a', 'running')])
  await expect(
    recorder.move({ phase: 'running' }, { type: 'run.started', because: 'go' }),
  ).rejects.toMatchObject({ code: 'store.revision_conflict' })
  expect(await stored()).toMatchObject({ phase: 'resolving', steps: [] })
})
