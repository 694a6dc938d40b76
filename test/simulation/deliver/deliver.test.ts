// Hundreds of seeded lives of one environment: crashes, late gateways, lost observations, people at random moments.
// `SEED`-like replay: put the printed seed into `from` below.
import { expect, test } from 'vitest'
import type { Promotion } from '../../../src/deliver/promotions/promotion.ts'
import { promotionKind } from '../../../src/deliver/promotions/promotion.ts'
import { isEnded, type Rollout } from '../../../src/deliver/rollouts/rollout.ts'
import { isTerminal } from '../../../src/store/object.ts'
import { World } from './world.ts'

const from = 1
const seeds = 300
const beats = 250

test(`delivery keeps its invariants over ${seeds} seeded lives, and every life comes to rest`, () => {
  const outcomes = new Map<string, number>()
  let commits = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const world = new World(seed)
    try {
      for (let beat = 0; beat < beats; beat++) world.tick()
      settle(world)
    } catch (error) {
      throw new Error(`seed ${seed}, ${world.shelf.commits} commits in: ${String(error)}`, {
        cause: error,
      })
    }
    commits += world.shelf.commits
    for (const { phase } of world.shelf.list<Promotion>('promotion')) {
      outcomes.set(phase, (outcomes.get(phase) ?? 0) + 1)
    }
  }
  console.log(`${seeds} lives, ${commits} commits:`, Object.fromEntries([...outcomes].sort()))
  // The lives are worth something only if they end in every way there is.
  const ways = [
    'succeeded',
    'rolled_back',
    'failed',
    'errored',
    'rejected',
    'cancelled',
    'expired',
    'superseded',
  ]
  for (const way of ways) expect(outcomes.get(way) ?? 0, way).toBeGreaterThan(0)
})

/** People go home, gateways obey, time passes: nothing may wait for ever. */
function settle(world: World): void {
  world.isCalm = true
  world.intents = []
  for (let beat = 0; beat < 400 && !isAtRest(world); beat++) {
    world.tick()
    // Longer than any deadline in between, so that pauses and approvals run out.
    if (beat > 100) world.now += 86_400_000 / 10
  }
  const left = world.shelf
    .list<Promotion>('promotion')
    .filter((promotion) => !isTerminal(promotionKind, promotion.phase))
  expect(left.map((promotion) => [promotion.id, promotion.phase])).toEqual([])
  expect(world.deployment).toMatchObject({ rolloutId: null, candidate: null, leaving: [] })
}

function isAtRest(world: World): boolean {
  const isOver = world.shelf
    .list<Promotion>('promotion')
    .every((promotion) => isTerminal(promotionKind, promotion.phase))
  return (
    isOver &&
    world.shelf.list<Rollout>('rollout').every(isEnded) &&
    world.deployment.leaving.length === 0
  )
}
