import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'vitest'
import { stopwatch, systemClock } from '../../src/foundation/system-clock.ts'
import {
  type Ended,
  leftovers,
  lockstep,
  processesOf,
  spawnLockstep,
  until,
} from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()
const tell = async (name: string, p: SmallProject, e: Ended, ms: number) =>
  console.log(
    `##### ${name}: -> ${e.code} in ${ms | 0} ms\n--stdout\n${e.stdout.slice(0, 2000)}\n--stderr\n${e.stderr.slice(0, 2000)}\nleft ${(await leftovers(p.dir)).length}`,
  )
const show = async (name: string, p: SmallProject, ...words: string[]) => {
  const t = stopwatch()
  const e = await lockstep(p.dir, ...words)
  await tell(name, p, e, t())
  return e
}
test('probe2', async () => {
  const p = await make()
  for (const at of [250, 350, 450]) {
    const t = stopwatch()
    const r = spawnLockstep(p.dir, 'up')
    await systemClock.sleep(at)
    r.signalGroup('SIGINT')
    await tell(`up SIGINT ${at}`, p, await r.ended, t())
  }
  const r = spawnLockstep(p.dir, 'up')
  await systemClock.sleep(400)
  await show('second', p, 'up')
  r.signalGroup('SIGINT')
  const t = stopwatch()
  await tell(`up SIGINT full`, p, await r.ended, t())
}, 200000)
test('probe3', async () => {
  for (const kb of [4, 40, 120, 160, 200, 240, 280]) {
    const p = await make()
    const d = join(p.dir, '.lockstep')
    await mkdir(d)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', d])
    try {
      await writeFile(join(d, 'ballast'), Buffer.alloc(4096 * 1024 - kb * 1024))
      await show(`${kb} run`, p, 'run')
      if (kb == 4) await show(`${kb} up`, p, 'up')
      execFileSync('rm', [join(d, 'ballast')])
      await show(`${kb} run again`, p, 'run')
      if (kb > 4) continue
      execFileSync('mount', ['-o', 'remount,ro', d])
      await show(`${kb} run ro`, p, 'run')
      await show(`${kb} up ro`, p, 'up')
      await show(`${kb} status ro`, p, 'status')
    } finally {
      execFileSync('umount', [d])
    }
  }
}, 200000)
