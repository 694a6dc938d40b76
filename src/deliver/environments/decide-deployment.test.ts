// Stories of the instant rollback, of holds, and of letting replicas go.
import { expect, test } from 'vitest'
import { checkTransition, type Draft } from '../../store/object.ts'
import {
  asStored,
  command,
  noon,
  production,
  sampleDeployment,
  serving,
} from '../sample-delivery.ts'
import { decideDeployment } from './decide-deployment.ts'
import { checkRouting, type Deployment, deploymentKind, splitOf } from './deployment.ts'
import { desiredServing } from './desired-serving.ts'
import {
  beginCandidate,
  clearCandidate,
  install,
  mirrorTo,
  releaseLane,
  shiftTo,
} from './routing.ts'

const two = { release: { releaseId: 'release_2', number: 2 }, rolloutId: 'rollout_a', salt: 's' }
const hold = { since: noon, because: 'it failed', actor: 'system:loop' as const }
const stored = (draft: Draft<Deployment>) => asStored<Deployment>(draft)

test('given release 2 serving and release 1 warm, when a person rolls back, then release 1 serves at once and a hold is set', () => {
  const { next, event, answers } = decideDeployment(
    serving(2),
    { intents: [command('rollback')], observedEpoch: 7 },
    noon,
  )
  expect(next.stable?.number).toBe(1)
  expect(next.epoch).toBe(8)
  expect(next.hold).toMatchObject({ actor: 'person:olga', since: noon })
  expect(event).toMatchObject({ type: 'deployment.rolled_back', details: { from: 2, to: 1 } })
  expect(answers?.[0]).toMatchObject({
    accepted: true,
    because: "release 1 serves 'production' again from epoch 8",
  })
})

test('given a rollback just done, when it is sent again in panic, then the bad release does not come back', () => {
  const once = decideDeployment(
    serving(2),
    { intents: [command('rollback')], observedEpoch: 7 },
    noon,
  )
  const twice = decideDeployment(
    stored(once.next),
    { intents: [command('rollback')], observedEpoch: 8 },
    noon,
  )
  expect(twice.next.stable?.number).toBe(1)
  expect(twice.answers?.[0]?.accepted).toBe(false)
})

test('given the bad release without traffic, when every gateway has seen it, then its replicas may go, and not before', () => {
  const rolledBack = stored(
    decideDeployment(serving(2), { intents: [command('rollback')], observedEpoch: 7 }, noon).next,
  )
  const early = decideDeployment(rolledBack, { intents: [], observedEpoch: 7 }, noon)
  expect(early.next.leaving).toMatchObject([{ number: 2 }])
  expect(early.next.wakeAt).toBe(noon + 250)
  expect(warmNumbers(rolledBack)).toEqual([2])
  const seen = decideDeployment(rolledBack, { intents: [], observedEpoch: 8 }, noon)
  expect(seen.next.leaving).toEqual([])
  expect(warmNumbers(stored(seen.next))).toEqual([])
})

test('given a rollout on its way, when someone rolls back, then it is told that abort is the way back', () => {
  const busy = stored(beginCandidate(serving(1), two))
  const { next, answers } = decideDeployment(
    busy,
    { intents: [command('rollback')], observedEpoch: 7 },
    noon,
  )
  expect(next.rolloutId).toBe('rollout_a')
  expect(answers?.[0]).toMatchObject({ accepted: false, because: expect.stringContaining('abort') })
})

test('given nothing warm or nothing serving, when someone rolls back, then the answer names the other way', () => {
  const first = decideDeployment(
    serving(1),
    { intents: [command('rollback')], observedEpoch: 7 },
    noon,
  )
  expect(first.answers?.[0]?.because).toContain("intent 'rollback'")
  const empty = decideDeployment(
    sampleDeployment(),
    { intents: [command('rollback')], observedEpoch: 1 },
    noon,
  )
  expect(empty.answers?.[0]?.because).toContain('serves nothing')
})

test('given a held environment, when the hold is cleared, then a reason is asked for', () => {
  const held = serving(2, { hold })
  const silent = decideDeployment(
    held,
    { intents: [command('clear_hold')], observedEpoch: 7 },
    noon,
  )
  expect(silent.answers?.[0]).toMatchObject({
    accepted: false,
    because: expect.stringContaining('it failed'),
  })
  const spoken = command('clear_hold', 'person:olga', { reason: 'fixed in release 3' })
  const cleared = decideDeployment(held, { intents: [spoken], observedEpoch: 7 }, noon + 60_000)
  expect(cleared.next.hold).toBeNull()
  expect(cleared.event?.because).toBe('fixed in release 3')
})

test('given two commands at once, then each pass accepts one, so that each has its own audit entry', () => {
  const intents = [command('hold', 'person:olga', { reason: 'audit' }), command('rollback')]
  const { answers, next } = decideDeployment(serving(2), { intents, observedEpoch: 7 }, noon)
  expect(answers).toHaveLength(1)
  expect(next.wakeAt).toBe(noon)
  expect(next.stable?.number).toBe(2)
})

test('given a warm window, when it ends, then the earlier release is let go and rollback says so', () => {
  const { next, event } = decideDeployment(
    serving(2, { warmUntil: noon }),
    { intents: [], observedEpoch: 7 },
    noon,
  )
  expect(next.previous).toBeNull()
  expect(event?.type).toBe('deployment.cooled')
})

test('given an unknown command, then the allowed ones are named', () => {
  const { answers } = decideDeployment(
    serving(2),
    { intents: [command('explode')], observedEpoch: 7 },
    noon,
  )
  expect(answers?.[0]?.because).toContain('allowed: rollback, hold, clear_hold')
})

test('a candidate goes 0 → mirror → 10 % → 100 % → stable; every change of routing has an epoch of its own', () => {
  const begun = stored(beginCandidate(serving(1), two))
  const mirrored = stored(mirrorTo(begun, 2000))
  const canary = stored(shiftTo(mirrored, 1000))
  const all = stored(shiftTo(canary, 10_000))
  const installed = install(all, { now: noon, old: { keep: 'warm', until: null }, hold: 'clear' })
  expect([begun, mirrored, canary, all, installed].map((at) => at.epoch)).toEqual([
    8, 9, 10, 11, 12,
  ])
  expect(canary.mirrorBp).toBe(0)
  expect(splitOf(canary)).toEqual({ stableBp: 9000, candidateBp: 1000 })
  expect(installed).toMatchObject({
    stable: two.release,
    previous: { number: 1 },
    candidate: null,
    candidateBp: 0,
    rolloutId: null,
  })
  expect(stored(shiftTo(all, 10_000)).epoch).toBe(all.epoch)
})

test('given a candidate taken back, then its replicas stay and the lane stays taken until it is released', () => {
  const canary = stored(shiftTo(stored(beginCandidate(serving(1), two)), 1000))
  const cleared = stored(clearCandidate(canary, hold))
  expect(cleared).toMatchObject({
    candidate: null,
    candidateBp: 0,
    leaving: [{ number: 2 }],
    rolloutId: 'rollout_a',
    hold,
  })
  expect(releaseLane(cleared)).toMatchObject({ rolloutId: null, epoch: cleared.epoch })
})

test('a first release switches an empty environment on: nothing in between could be served', () => {
  const begun = stored(beginCandidate(sampleDeployment(), two))
  expect(() => shiftTo(begun, 5000)).toThrow('stable release that does not exist')
  const installed = install(stored(shiftTo(begun, 10_000)), {
    now: noon,
    old: { keep: 'warm', until: null },
    hold: 'leave',
  })
  expect(installed).toMatchObject({ phase: 'serving', previous: null })
  checkTransition(deploymentKind, 'empty', installed.phase)
})

test('the invariant refuses shares that are no shares, and a second rollout in the lane', () => {
  const begun = stored(beginCandidate(serving(1), two))
  expect(() => shiftTo(begun, 10_001)).toThrow('not 0 to 10000')
  expect(() => shiftTo(begun, 12.5)).toThrow('not 0 to 10000')
  expect(() => beginCandidate(begun, two)).toThrow('already holds the lane')
  expect(() => checkRouting({ ...serving(1), candidateBp: 5 })).toThrow('does not exist')
})

function warmNumbers(deployment: Deployment): readonly number[] {
  const { environments } = desiredServing([deployment], [production])
  return environments[0]?.models[0]?.warm.map((release) => release.number) ?? []
}
