// Garbage collection as a real process, killed with SIGKILL while it removes: whatever a release needs is still there, and the next
// collection ends what this one began. No killed process keeps a lease for longer than it lives in the table.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { GcView } from '../../src/api/contract/keeping-routes.ts'
import type { EventView } from '../../src/api/contract/views.ts'
import { systemCodeOf } from '../../src/foundation/errors.ts'
import { freshSeed, randomStream } from '../../src/foundation/random.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import {
  answer,
  leftovers,
  lockstep,
  processesOf,
  spawnLockstep,
  until,
} from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const garbage = 10_000
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

/** Objects that nothing names, an hour old; their paths. */
function litter(count: number): string[] {
  const hourAgo = systemClock.now() / 1000 - 3600
  return Array.from({ length: count }, () => {
    const bytes = randomBytes(64)
    const hex = createHash('sha256').update(bytes).digest('hex')
    const folder = join(objects(), 'sha256', hex.slice(0, 2))
    mkdirSync(folder, { recursive: true })
    const path = join(folder, hex.slice(2))
    writeFileSync(path, bytes)
    utimesSync(path, hourAgo, hourAgo)
    return path
  })
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (systemCodeOf(error) !== 'ESRCH') throw error
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
  const isHalfway: boolean[] = []
  let before = 0
  for (let round = 0; round < 3; round++) {
    const one = litter(garbage)[random.below(garbage)] ?? ''
    const running = spawnLockstep(project.dir, 'gc', '--apply', ...everythingNow)
    // The command has a control plane of its own do the work; both are killed.
    const control = await until('its control plane', () =>
      processesOf(project.dir).find(
        (one) =>
          one.parent === running.pid && one.words.some((word) => word.startsWith('{"projectDir"')),
      ),
    )
    while (existsSync(one) && running.child.exitCode === null) await systemClock.sleep(1)
    // Where the object was among the last to go, one or both may have ended by themselves meanwhile.
    for (const pid of [control.pid, running.pid]) end(pid)
    expect([0, 137]).toContain((await running.ended).code)
    expect(await leftovers(project.dir)).toEqual([])
    const after = stored() + aside().length - needed
    isHalfway.push(after > 0 && after < before + garbage)
    console.info(`killed with ${after} of ${before + garbage} left, ${aside().length} aside`)
    before = after
  }
  expect(isHalfway).toContain(true)
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
  const ends = told.map((one) => one.type).filter((type) => type !== 'collection.removing')
  expect(told.length - ends.length).toBe(4)
  expect(ends).toHaveLength(4)
  expect(ends.filter((type) => type === 'collection.cut_short').length).toBeGreaterThan(0)
  expect(told).toContainEqual(
    expect.objectContaining({
      type: 'collection.removed',
      because: 'the disk is full',
      actor: expect.stringMatching(/^person:/),
    }),
  )
  expect((await lockstep(project.dir, 'audit')).code).toBe(0)
  const again = await lockstep(project.dir, 'run')
  expect(again.code, again.stdout + again.stderr).toBe(0)
})
