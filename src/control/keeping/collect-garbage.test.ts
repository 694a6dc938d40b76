import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TestClock } from '../../../test/support/test-clock.ts'
import { type Digest, digestOf } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { key } from '../../release/sample-release.ts'
import { verifyRelease } from '../../release/verify-release.ts'
import { collectGarbage } from './collect-garbage.ts'
import { type KeepingPolicy, usualPolicy } from './keeping-policy.ts'
import { listPins, pinObject, unpinObject } from './pins.ts'
import { type MadeRun, SampleWorld } from './sample-keeping.ts'
import { walk } from './walk.ts'
import { whyKept } from './why-kept.ts'

const day = 86_400_000
const stingy: KeepingPolicy = { waitMs: day, recentMs: 2 * day, recentRuns: 0, archivedMs: null }

function gc(world: SampleWorld, apply = true, policy = stingy) {
  return collectGarbage(world, {
    ...{
      policy,
      apply,
      told: () => {},
      removing: async () => {},
      signal: new AbortController().signal,
    },
    now: () => world.clock.now(),
  })
}

async function madeRun(world: SampleWorld, number: number, seals: boolean): Promise<MadeRun> {
  await world.beginRun(number)
  const made = await world.runStep(`run ${number}`)
  await world.endRun(number, made, seals)
  return made
}

/** Every object behind these must be there, whatever was collected. */
async function missingBehind(world: SampleWorld, roots: Parameters<typeof walk>[1]) {
  const missing: string[] = []
  await walk(world.shelf, roots, ({ link }) => {
    const isNamed = link.sort !== 'object'
    if (isNamed && !world.shelf.objects.has(link.digest)) missing.push(link.says)
    return undefined
  })
  return missing
}

async function brokenReleases(world: SampleWorld): Promise<string[]> {
  const broken: string[] = []
  for (const release of await world.releases()) {
    const verified = await verifyRelease({
      ...{ release, trustedKeys: [key.trusted] },
      readObject: async (digest) => {
        const bytes = world.shelf.objects.get(digest)?.bytes
        if (!bytes) throw new Error(`${digest} is gone`)
        return bytes
      },
    })
    if (isRefusal(verified)) broken.push(verified.because)
    const manifest = { digest: release.manifestDigest, kind: 'manifest', sort: 'release' } as const
    const links = [{ ...manifest, says: 'its manifest' }]
    broken.push(
      ...(await missingBehind(world, [{ kind: 'release', name: release.id, because: '', links }])),
    )
  }
  return broken
}

/** No result may name what is not there: a later run would take it up. */
async function hollowResults(world: SampleWorld): Promise<string[]> {
  const rows = await world.db.selectFrom('actions').select('outputs').execute()
  const named = rows.flatMap((row) => JSON.parse(row.outputs) as { path: string; digest: Digest }[])
  return named.filter((one) => !world.shelf.objects.has(one.digest)).map((one) => one.path)
}

describe('garbage collection', () => {
  it('removes the results of a run without a release once they are old and have waited', async () => {
    const clock = new TestClock()
    const world = await SampleWorld.open(clock)
    const lost = await madeRun(world, 1, false)
    const kept = await madeRun(world, 2, true)
    clock.advance('3d')
    const first = await gc(world)
    expect(first.due).toEqual([])
    expect(first.marked.unneeded.map((one) => one.sort).sort()).toEqual(
      ['evidence', 'log', 'step output', 'step output', 'step output', 'step output'].sort(),
    )
    clock.advance('1d')
    const second = await gc(world)
    expect(second.swept).toMatchObject({ removed: 6, actions: 1, spared: 0 })
    expect(world.shelf.objects.has(lost.outputs[0]?.digest ?? digestOf(''))).toBe(false)
    expect(world.shelf.objects.has(kept.outputs[0]?.digest ?? digestOf(''))).toBe(true)
    expect(await brokenReleases(world)).toEqual([])
  })

  it('only looks unless it is told to remove', async () => {
    const clock = new TestClock()
    const world = await SampleWorld.open(clock)
    await madeRun(world, 1, false)
    clock.advance('3d')
    await gc(world, false)
    clock.advance('2d')
    const before = world.shelf.objects.size
    const seen = await gc(world, false)
    expect(seen.due).toHaveLength(6)
    expect(seen.swept).toBeNull()
    expect(world.shelf.objects.size).toBe(before)
  })

  it('removes nothing while a run is under way, and says which', async () => {
    const clock = new TestClock()
    const world = await SampleWorld.open(clock)
    await madeRun(world, 1, false)
    clock.advance('9d')
    await world.beginRun(7)
    await expect(gc(world)).rejects.toMatchObject({
      code: 'gc.work_under_way',
      message: expect.stringContaining('run 7'),
    })
  })

  it('leaves what came back into use between marking and sweeping', async () => {
    const clock = new TestClock()
    const world = await SampleWorld.open(clock)
    const made = await madeRun(world, 1, false)
    clock.advance('3d')
    await gc(world)
    clock.advance('2d')
    // The model is stored again, by something that has not recorded why, when half of the objects are aside already.
    let operations = 0
    world.shelf.before = async () => {
      operations += 1
      if (world.shelf.aside.size > 0 && operations < 1000) {
        operations = 1000
        for (const kept of world.shelf.aside.values()) kept.mtimeMs = clock.now()
      }
    }
    const swept = (await gc(world)).swept
    expect(swept?.spared).toBe(6)
    expect(world.shelf.objects.has(made.outputs[0]?.digest ?? digestOf(''))).toBe(true)
  })

  it('refuses to remove anything while the record of a release is missing', async () => {
    const clock = new TestClock()
    const world = await SampleWorld.open(clock)
    await madeRun(world, 1, true)
    const [release] = await world.releases()
    world.shelf.objects.delete(release?.manifestDigest ?? digestOf(''))
    await expect(gc(world)).rejects.toMatchObject({ code: 'gc.unreadable' })
  })

  it('says why an object stays, from what people rely on to it', async () => {
    const clock = new TestClock()
    const world = await SampleWorld.open(clock)
    const made = await madeRun(world, 1, true)
    clock.advance('90d')
    const at = { policy: stingy, now: clock.now() }
    const folder = made.outputs[1]?.digest ?? digestOf('')
    const why = await whyKept(world, folder, at)
    expect(why.chain).toEqual([
      expect.stringMatching(/^release 1 \(.*\): every release is kept$/),
      expect.stringMatching(/^release 1 .* needs its manifest$/),
      'which names folder of train',
    ])
    const gone = await whyKept(world, digestOf('never seen'), at)
    expect(gone).toMatchObject({ kept: false, stored: false })
  })

  it('never removes what a root needs, whatever happens in between and wherever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { maxLength: 3 }), (rounds) => live(rounds.flat())),
      { numRuns: 60 },
    )
  })
})

const collection = fc.record({
  kind: fc.constant('gc' as const),
  apply: fc.constant(true),
  /** After so many operations it is killed; past the end it is not. */
  killedAt: fc.oneof(fc.constant(0), fc.nat(40)),
  /** After so many a whole run happens, from the same seeds as others, or an object is pinned. */
  runAt: fc.oneof(fc.constant(0), fc.nat(40)),
  pinAt: fc.oneof(fc.constant(0), fc.nat(40)),
  seed: fc.nat(2),
  nth: fc.nat(20),
  seals: fc.boolean(),
})
const quiet = {
  kind: 'gc',
  killedAt: 0,
  runAt: 0,
  pinAt: 0,
  seed: 0,
  nth: 0,
  seals: false,
} as const
const run = fc.record({ kind: fc.constant('run' as const), seed: fc.nat(2), seals: fc.boolean() })
const hours = (least: number) =>
  fc.record({ kind: fc.constant('wait' as const), hours: fc.integer({ min: least, max: 100 }) })
const move = fc.oneof(
  run,
  hours(1),
  fc.record({ kind: fc.constant('pin' as const), nth: fc.nat(20) }),
  fc.record({ kind: fc.constant('unpin' as const) }),
  collection,
  fc.constant({ ...quiet, apply: false }),
)
/** Work, time, a look that starts the waiting, time, and a collection with something to do: else most histories sweep nothing. */
const round = fc
  .tuple(fc.array(move, { maxLength: 4 }), run, hours(50), hours(25), collection)
  .map(([some, one, old, wait, last]) => [
    ...some,
    ...[one, old, { ...quiet, apply: false }, wait, last],
  ])
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never

const wordOn = (digest: Digest) =>
  ({ digest, because: 'a test', actor: 'person:olga', model: 'income' }) as const

async function live(moves: readonly Move[]): Promise<void> {
  const clock = new TestClock()
  const world = await SampleWorld.open(clock)
  let runs = 0
  const run = async (seed: number, seals: boolean) => {
    runs += 1
    await world.beginRun(runs)
    await world.endRun(runs, await world.runStep(`seed ${seed}`), seals)
  }
  const pinNth = async (nth: number) => {
    const digest = [...world.shelf.objects.keys()][nth]
    if (!digest) return
    await pinObject(world, wordOn(digest))
  }
  for (const one of moves) {
    if (one.kind === 'run') await run(one.seed, one.seals)
    else if (one.kind === 'wait') clock.advance(one.hours * 3_600_000)
    else if (one.kind === 'pin') await pinNth(one.nth)
    else if (one.kind === 'unpin') {
      const pin = (await listPins(world.store)).at(-1)
      if (pin) await unpinObject(world.store, wordOn(pin.digest))
    } else {
      let operations = 0
      world.shelf.before = async () => {
        operations += 1
        const at = operations
        if (at === one.runAt) await run(one.seed, one.seals)
        if (at === one.pinAt) await pinNth(one.nth)
        if (at === one.killedAt) throw new Error('killed')
      }
      await gc(world, one.apply).catch((error) => {
        if (!/killed/.test(String(error?.message))) throw error
      })
      world.shelf.before = async () => {}
      await world.shelf.restore()
    }
    expect(await brokenReleases(world)).toEqual([])
    expect(await hollowResults(world)).toEqual([])
    for (const pin of await listPins(world.store)) {
      expect(world.shelf.objects.has(pin.digest)).toBe(true)
    }
  }
  await world.db.destroy()
}

describe('the usual policy', () => {
  it('keeps releases for good and waits two weeks', () => {
    expect(usualPolicy).toMatchObject({ waitMs: 14 * day, archivedMs: null })
  })
})
