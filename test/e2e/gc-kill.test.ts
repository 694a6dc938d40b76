// Garbage collection as a real process, killed with SIGKILL while it removes: whatever a release needs is still there, and the next
// collection ends what this one began. No killed process keeps a lease for longer than it lives in the table.
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { GcView } from '../../src/api/contract/keeping-routes.ts'
import type { EventView } from '../../src/api/contract/views.ts'
import { freshSeed, randomStream } from '../../src/foundation/random.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { answer, leftovers, lockstep, spawnLockstep, until } from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const garbage = 12_000
const everythingNow = ['--wait', '0s', '--recent', '0s', '--runs', '0']
const seed = process.env.LOCKSTEP_SEED ?? freshSeed()
const random = randomStream(seed, 'gc-kill')
const make = smallProjects()
let project: SmallProject

beforeAll(async () => {
  project = await make()
  for (const C of ['C: 1', 'C: 2']) {
    await project.edit('params.yaml', (text) => text.replace(/C: \d/, C))
    const { code, stderr, stdout } = await lockstep(project.dir, 'run')
    if (code !== 0) throw new Error(`no release: ${stdout}${stderr}`)
  }
}, 120_000)

const objects = () => join(project.dir, '.lockstep/objects')

/** Objects that nothing names, an hour old. */
function litter(count: number): void {
  const hourAgo = systemClock.now() / 1000 - 3600
  for (let made = 0; made < count; made++) {
    const bytes = randomBytes(64)
    const hex = createHash('sha256').update(bytes).digest('hex')
    const folder = join(objects(), 'sha256', hex.slice(0, 2))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, hex.slice(2)), bytes)
    utimesSync(join(folder, hex.slice(2)), hourAgo, hourAgo)
  }
}

const stored = () =>
  readdirSync(join(objects(), 'sha256'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length
const aside = () => readdirSync(join(objects(), 'drafts')).filter((name) => name.startsWith('gc-'))

test('a collection killed while it removes loses nothing, and the next one ends its work', async () => {
  console.info(`seed ${seed} (repeat with LOCKSTEP_SEED=${seed})`)
  const needed = stored()
  for (let round = 0; round < 3; round++) {
    litter(garbage)
    const full = stored()
    const running = spawnLockstep(project.dir, 'gc', '--apply', ...everythingNow)
    await until('the first objects to go', () => stored() < full || aside().length > 0)
    await systemClock.sleep(random.below(80))
    running.signalGroup('SIGKILL')
    expect((await running.ended).code).toBe(137)
    expect(await leftovers(project.dir)).toEqual([])
    console.info(`killed with ${stored()} of ${full} objects left, ${aside().length} aside`)
  }
  const { code, document } = await answer<GcView>(
    project.dir,
    ...['gc', '--apply', ...everythingNow, '--because', 'the disk is full'],
  )
  expect(code).toBe(0)
  expect(document.missing).toEqual([])
  expect(aside()).toEqual([])
  expect(stored()).toBeLessThanOrEqual(needed)
  expect(stored()).toBeGreaterThan(0)

  for (const release of ['1', '2']) {
    const verified = await lockstep(project.dir, 'verify', release)
    expect(verified.code, verified.stdout + verified.stderr).toBe(0)
  }
  const events = (await answer<EventView[]>(project.dir, 'events', '--limit', '1000')).document
  const told = events.filter((one) => one.kind === 'collection')
  expect(told.map((one) => one.type).sort()).toEqual([
    ...Array(3).fill('collection.cut_short'),
    'collection.removed',
    ...Array(4).fill('collection.removing'),
  ])
  expect(told.find((one) => one.type === 'collection.removed')).toMatchObject({
    because: 'the disk is full',
    actor: expect.stringMatching(/^person:/),
  })
  expect((await lockstep(project.dir, 'audit')).code).toBe(0)
  const again = await lockstep(project.dir, 'run')
  expect(again.code, again.stdout + again.stderr).toBe(0)
})
