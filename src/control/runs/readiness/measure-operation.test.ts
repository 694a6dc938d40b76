import { expect, it } from 'vitest'
import { RolloutStory } from '../../../deliver/rollout-story.ts'
import type { Rollout } from '../../../deliver/rollouts/rollout.ts'
import { rollbacksOf } from './measure-operation.ts'

/** A rollout of release 2 as it ended; what its traffic showed does not matter here. */
function ended(
  phase: 'completed' | 'rolled_back' | 'errored',
  intent: Rollout['intent'],
  endedAt: number,
): Rollout {
  const { rollout } = new RolloutStory()
  return { ...rollout, phase, intent, endedAt, because: 'so it ended', cause: null } as Rollout
}

it('a rollback that was asked for and a rollout that was taken back are rehearsals, the newest first', () => {
  const found = rollbacksOf([
    ended('completed', 'rollback', 1000),
    ended('rolled_back', 'forward', 3000),
  ])
  expect(found).toEqual([
    { environment: 'production', at: 3000, release: '2', how: 'automatic' },
    { environment: 'production', at: 1000, release: '2', how: 'asked' },
  ])
})

it('what went forward, never began or is still under way is none', () => {
  const underWay = new RolloutStory().rollout
  const rollouts = [ended('completed', 'forward', 1), ended('errored', 'rollback', 2), underWay]
  expect(rollbacksOf(rollouts)).toEqual([])
})
