import { test } from 'vitest'
import { mkdir, mkdtemp } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { lockstep, leftovers, spawnLockstep, until, processesOf, type Ended } from './lockstep-process.ts'
import { smallProjects, type SmallProject } from './small-project.ts'
import { stopwatch, systemClock } from '../../src/foundation/system-clock.ts'
const make = smallProjects()
const tell = async (name: string, p: SmallProject, e: Ended, ms: number) => 
  console.log(`##### ${name}: -> ${e.code} in ${ms|0} ms\n--stdout\n${e.stdout.slice(0,2000)}\n--stderr\n${e.stderr.slice(0,2000)}\nleft ${JSON.stringify(await leftovers(p.dir))}`)
const show = async (name: string, p: SmallProject, ...words: string[]) => {
  const t = stopwatch()
  const e = await lockstep(p.dir, ...words)
  await tell(name, p, e, t())
  return e
}
test('probe', async () => {
  const p = await make()
  await p.edit('lockstep.yaml', t => t.replace('holdout.parquet\n    inputs', 'holdout.parquet --columns age,sex,income_over_50k,split\n    inputs'))
  await show('inputs', p, 'run')
  await p.edit('lockstep.yaml', t => t.replace(' --columns age,sex,income_over_50k,split', ''))
  await show('logs', p, 'logs', '--run', '1')
  await show('status', p, 'status')
  for (const [n, at] of [['early', 150], ['early', 500], ['steps', 900], ['steps', 1300], ['gating', 2500]] as const) {
    const t = stopwatch()
    const r = spawnLockstep(p.dir, 'run', '--force')
    await systemClock.sleep(at)
    r.signalGroup('SIGINT')
    await tell(`SIGINT ${n} ${at}`, p, await r.ended, t())
  }
  for (const at of [800, 2500]) {
    const t = stopwatch()
    const r = spawnLockstep(p.dir, 'run', '--force')
    await systemClock.sleep(at)
    r.signalGroup('SIGKILL')
    await tell(`SIGKILL ${at}`, p, await r.ended, t())
    const r2 = spawnLockstep(p.dir, 'run', '--force')
    await systemClock.sleep(at)
    process.kill(r2.pid, 'SIGKILL')
    await tell(`SIGKILL cli only ${at}`, p, await r2.ended, t())
  }
  await show('again', p, 'run')
  await show('runs', p, 'runs')
}, 200000)
test('probe2', async () => {
  const p = await make()
  for (const which of ['control', 'staging'] as const) {
    const s = createServer(); await new Promise<void>(r => s.listen(p.ports[which], '127.0.0.1', r))
    await show(`port ${which}`, p, 'up')
    await new Promise(r => s.close(r))
  }
  for (const at of [50, 150, 250, 350, 500, 900]) {
    const t = stopwatch()
    const r = spawnLockstep(p.dir, 'up')
    await systemClock.sleep(at)
    r.signalGroup('SIGINT')
    await tell(`up SIGINT ${at}`, p, await r.ended, t())
  }
  const r = spawnLockstep(p.dir, 'up')
  await systemClock.sleep(400)
  await show('second', p, 'up')
  await show('up run', p, 'run')
  console.log(processesOf(p.dir))
  r.signalGroup('SIGINT')
  const t = stopwatch()
  await tell(`up SIGINT full`, p, await r.ended, t())
}, 200000)
test('probe3', async () => {
  for (const size of ['size=64k','size=1m', 'size=2m', 'size=4m', 'size=4m,ro']) {
  const p = await make()
  const d = join(p.dir, '.lockstep'); await mkdir(d)
  execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', d])
  try {
    await show(`${size} run`, p, 'run')
    console.log(execFileSync('df', ['-k', d]).toString())
    if (!size.includes('ro')) execFileSync('mount', ['-o', 'remount,size=200m', d])
    else execFileSync('mount', ['-o', 'remount,rw', d])
    await show(`${size} run again`, p, 'run')
    execFileSync('mount', ['-o', 'remount,ro', d])
    await show(`${size} run ro`, p, 'run')
    await show(`${size} up ro`, p, 'up')
  } finally { execFileSync('umount', [d]) }
  }
}, 200000)
