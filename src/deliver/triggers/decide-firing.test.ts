// Stories of triggers: when a drift alert starts a run, and which brakes stop it.
import { expect, test } from 'vitest'
import type { TriggerSpec } from '../../project/watch-spec.ts'
import { asStored, created, noon } from '../sample-delivery.ts'
import { decideFiring, type FiringSeen } from './decide-firing.ts'
import { createFiring, type Firing } from './firing.ts'
import { type PastFiring, triggerState } from './trigger-state.ts'

const hour = 3_600_000
const trigger: TriggerSpec = {
  name: 'retrain-on-drift',
  on: { kind: 'alert', monitor: 'drift' },
  cooldownMs: hour,
  maxPerDay: 3,
}
const cause = { kind: 'alert', sentence: 'drift in age (PSI 0.31)', ref: 'alert_1' } as const
const fired = () =>
  created<Firing>(
    createFiring({
      id: 'firing_5',
      model: 'income',
      trigger,
      cause,
      inputDigest: 'sha256:new',
      now: noon,
    }),
  )
const calm: FiringSeen = {
  trigger,
  past: [],
  open: [],
  runInFlight: null,
  lastInputDigest: 'sha256:old',
  hold: null,
  run: null,
}
const past = (hoursAgo: number, outcome: PastFiring['outcome'] = 'useful'): PastFiring => ({
  firingId: `firing_${hoursAgo}`,
  firedAt: noon - hoursAgo * hour,
  runId: `run_${hoursAgo}`,
  outcome,
})

test('given a drift alert and no brake, then one run is started, asked for again after a crash, and recorded', () => {
  const admitted = decideFiring(fired(), calm, noon)
  expect(admitted.next).toMatchObject({ phase: 'admitted', deadlineAt: noon + 60_000 })
  expect(admitted.actions).toMatchObject([{ kind: 'ensure_run', firingId: 'firing_5' }])
  const stored = asStored<Firing>(admitted.next)
  const again = decideFiring(stored, calm, noon + 1000)
  expect(again.actions).toEqual(admitted.actions)
  const done = decideFiring(stored, { ...calm, run: { runId: 'run_9' } }, noon + 2000)
  expect(done.next).toMatchObject({ phase: 'run_created', runId: 'run_9', wakeAt: null })
})

test.each([
  ['cooldown', { past: [past(0.5)] }, 'cools down for another'],
  ['daily_cap', { past: [past(2), past(3), past(4)] }, '3 are allowed'],
  ['run_in_flight', { runInFlight: { runId: 'run_8' } }, 'run run_8 has not ended'],
  ['same_input', { lastInputDigest: 'sha256:new' }, 'no new data'],
  ['held', { hold: { since: noon, because: 'rolled back', actor: 'person:olga' } }, 'rolled back'],
  [
    'tripped',
    { past: [30, 40, 50, 60, 70].map((at) => past(at, 'useless')) },
    'a person has to look',
  ],
] as const)('given the brake %s, then it is suppressed and says why', (brake, seen, why) => {
  const { next, actions } = decideFiring(
    fired(),
    { ...calm, ...(seen as Partial<FiringSeen>) },
    noon,
  )
  expect(next).toMatchObject({ phase: 'suppressed', brake, because: expect.stringContaining(why) })
  expect(actions).toEqual([])
})

test('given an earlier firing still open, then this one joins it', () => {
  const open = [{ id: 'firing_4', detectedAt: noon - 1 }]
  expect(decideFiring(fired(), { ...calm, open }, noon).next).toMatchObject({
    phase: 'coalesced',
    into: 'firing_4',
  })
})

test('given no run in time, or a refusal, then the firing failed and says why', () => {
  const stored = asStored<Firing>(decideFiring(fired(), calm, noon).next)
  const late = decideFiring(stored, calm, noon + 60_000)
  expect(late.next).toMatchObject({
    phase: 'failed',
    because: expect.stringContaining('no run had started'),
  })
  const refused = decideFiring(
    stored,
    { ...calm, run: { refusedBecause: 'the disk is full' } },
    noon + 1,
  )
  expect(refused.next).toMatchObject({ phase: 'failed', because: 'the disk is full' })
})

test('each useless run doubles the cooldown; a useful one resets it', () => {
  const twice = triggerState(trigger, [past(1, 'useless'), past(2, 'useless'), past(9)], noon)
  expect(twice).toMatchObject({ uselessInARow: 2, cooldownUntil: noon - hour + 4 * hour })
  expect(triggerState(trigger, [past(1), past(2, 'useless')], noon)).toMatchObject({
    uselessInARow: 0,
    cooldownUntil: noon,
  })
})
