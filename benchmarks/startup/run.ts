// How long a person waits: the command itself, a run that has nothing to do, and `lockstep up` until it answers; beside a bare
// `node -e 0` on the same machine in the same run. Usage: node benchmarks/startup/run.ts [--files N]
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { discoverControl } from '../../src/client/discover.ts'
import { stopwatch, systemClock } from '../../src/foundation/system-clock.ts'

const { values } = parseArgs({ options: { files: { type: 'string', default: '100000' } } })
const bin = fileURLToPath(new URL('../../bin/lockstep.js', import.meta.url))
const rounds = 7
const dir = mkdtempSync(join(tmpdir(), 'lockstep-startup-'))

try {
  const bare = median(times(rounds, () => run(['-e', '0'])))
  show('node -e 0 (the floor)', bare, null, bare)
  show('lockstep --version', median(times(rounds, () => lockstep('--version'))), 150, bare)
  lockstep('init', join(dir, 'income'))
  lockstep('run', '--project', join(dir, 'income'))
  show(
    'run, nothing to do, no control plane',
    median(times(rounds, () => lockstep('run', '--project', join(dir, 'income')))),
    1000,
    bare,
  )
  await measureUp(join(dir, 'income'), bare)
  manyFiles(join(dir, 'many'), Number(values.files))
  lockstep('run', '--project', join(dir, 'many'))
  await systemClock.sleep(2500) // Files as young as their index entry are hashed again, as git does.
  lockstep('run', '--project', join(dir, 'many'))
  show(
    `run, nothing to do, ${values.files} unchanged files`,
    median(times(3, () => lockstep('run', '--project', join(dir, 'many')))),
    1000,
    bare,
  )
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function measureUp(project: string, bare: number): Promise<void> {
  const elapsed = stopwatch()
  const up = spawn(process.execPath, [bin, 'up', '--project', project], { stdio: 'ignore' })
  while (!(await discoverControl(project))) await systemClock.sleep(5)
  show('up until the control plane answers', elapsed(), 1000, bare)
  await systemClock.sleep(4000)
  show(
    'status, control plane running',
    median(times(rounds, () => lockstep('status', '--project', project))),
    150,
    bare,
  )
  const pids = [up.pid ?? 0, ...descendants(up.pid ?? 0)]
  const megabytes = pids.reduce((sum, pid) => sum + proportionalMegabytes(pid), 0)
  process.stdout.write(
    `up, idle: ${pids.length} processes, ${megabytes.toFixed(0)} MB (PSS; budget 200 MB without replicas)\n`,
  )
  const gone = new Promise((resolve) => up.once('exit', resolve))
  up.kill('SIGTERM')
  await gone
}

/** A project with one step that reads many small files and one that trains on two thousand rows. */
function manyFiles(project: string, files: number): void {
  lockstep('init', project)
  for (let i = 0; i < files; i++) {
    const folder = join(project, 'images', String(i % 100))
    if (i < 100) mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${i}.txt`), `image ${i}`)
  }
  const file = join(project, 'lockstep.yaml')
  const step =
    '  count:\n    shell: find images -type f | wc -l > count.txt\n    inputs: [images]\n    outputs: [count.txt]\n'
  writeFileSync(file, readFileSync(file, 'utf8').replace('evaluate:', `${step}evaluate:`))
}

function lockstep(...words: string[]): void {
  run([bin, ...words])
}

function run(words: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  if (status !== 0)
    throw new Error(`${words.join(' ')} ended with ${status}: ${stderr.slice(-500)}`)
}

function times(count: number, task: () => void): number[] {
  return Array.from({ length: count }, () => {
    const elapsed = stopwatch()
    task()
    return elapsed()
  })
}

function median(values_: number[]): number {
  return values_.sort((a, b) => a - b)[values_.length >> 1] ?? 0
}

function show(what: string, ms: number, budgetMs: number | null, floorMs: number): void {
  const budget =
    budgetMs === null ? '' : `, budget ${budgetMs} ms${ms <= budgetMs ? '' : ' MISSED'}`
  process.stdout.write(
    `${what}: ${ms.toFixed(0)} ms (${(ms / floorMs).toFixed(1)} × node -e 0${budget})\n`,
  )
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
  return children.flatMap((child) => [child, ...descendants(child)])
}

function parentOf(pid: number): number {
  try {
    return Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return -1
  }
}

/** Shared pages count by share, so that the sum over processes is what the machine gives up. */
function proportionalMegabytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  return Number(kilobytes ?? 0) / 1024
}
