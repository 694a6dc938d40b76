// How fast Lockstep's build side is, beside its budgets and beside DVC on the same machine in the same run.
// Usage: node benchmarks/build/run.ts [--full] [--json FILE] [--without-peer]; --full adds a million files and fifty rounds of processes.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sentenceOf } from '../../src/foundation/errors.ts'
import { every, stopwatch } from '../../src/foundation/system-clock.ts'
import { firstHash, largeFiles, planKnown, recordResults } from './in-process.ts'
import { runManyProcesses } from './many-processes.ts'
import { countingProject, type Dvc, installDvc, manyStagesProject } from './peer-dvc.ts'
import { isKept, type Measure, printTable, writeJson } from './table.ts'

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    'without-peer': { type: 'boolean', default: false },
    json: { type: 'string', default: join(tmpdir(), 'lockstep-build-benchmark.json') },
  },
})
const bin = fileURLToPath(new URL('../../bin/lockstep.js', import.meta.url))
const dir = mkdtempSync(join(tmpdir(), 'lockstep-bench-'))
const measures: Measure[] = []
const dvc = values['without-peer'] ? undefined : installDvc()
const peerName = dvc ? `DVC ${dvc.version}` : 'no peer'

const parts = [
  () => smallFiles(dvc),
  () => largeFilesPart(),
  () => recording(dvc),
  () => processes(values.full ? { runs: 100, rounds: 50 } : { runs: 20, rounds: 1 }),
  () => unchanged({ files: 100_000, budgetMs: 1000, factor: 5 }, dvc),
  ...(values.full ? [() => unchanged({ files: 1_000_000, budgetMs: 8000 }, undefined)] : []),
]
let broken = 0
try {
  for (const part of parts)
    await part().catch((error) => {
      broken++
      process.stdout.write(`${sentenceOf(error)}\n`)
    })
} finally {
  rmSync(dir, { recursive: true, force: true })
}
process.stdout.write('\n')
printTable(measures, peerName)
writeJson(values.json, peerName, measures)
process.stdout.write(`\nwritten to ${values.json}\n`)
process.exitCode = broken === 0 && measures.every(isKept) ? 0 : 1

async function smallFiles(peer: Dvc | undefined): Promise<void> {
  const project = join(dir, 'small')
  makeFiles(join(project, 'images'), 70_000)
  await firstHash(project, 'images')
  add({
    ...{ what: 'first hash of 70 000 small files, warm', unit: 'ms', budget: 2000 },
    measured: await firstHash(project, 'images'),
    ...withPeer(peer, (one) => one.hashFolder(join(project, 'images'))),
  })
  rmSync(project, { recursive: true })
}

async function largeFilesPart(): Promise<void> {
  const folder = join(dir, 'large')
  const { one, four } = await largeFiles(folder)
  add({ what: 'hash of one large file', unit: 'GiB/s', budget: 1.2, measured: one })
  add({ what: 'hash of four large files at once', unit: 'GiB/s', budget: 1.2, measured: four })
  rmSync(folder, { recursive: true })
}

async function recording(peer: Dvc | undefined): Promise<void> {
  const measured = await recordResults(join(dir, 'record'), 343)
  add({
    ...{ what: 'recording 343 step results', unit: 'ms', budget: 500, measured },
    ...withPeer(peer, (one) => {
      const folder = join(dir, 'record-peer')
      manyStagesProject(one, folder, 343)
      one.run(folder, 'repro', '--no-commit', '-q')
      return one.run(folder, 'commit', '-f', '-q')
    }),
  })
  add({
    ...{ what: 'plan of 1 000 unchanged steps', unit: 'ms', budget: 300 },
    measured: await planKnown(join(dir, 'plan'), 1000),
    ...withPeer(peer, (one) => one.run(join(dir, 'record-peer'), 'status', '-q')),
  })
}

async function processes(shape: { readonly runs: number; readonly rounds: number }): Promise<void> {
  let wrong = 0
  let slowest = 0
  for (let round = 0; round < shape.rounds; round++) {
    const folder = join(dir, `processes-${round}`)
    const ended = await runManyProcesses(folder, { processes: 20, runs: shape.runs })
    for (const line of [...ended.errors, ...ended.lost].slice(0, 5))
      process.stdout.write(`${line}\n`)
    wrong += ended.errors.length + ended.lost.length
    slowest = Math.max(slowest, ended.slowestReadMs)
    rmSync(folder, { recursive: true })
  }
  const what = `20 processes × ${shape.runs} runs × ${shape.rounds}: lost or locked`
  add({ what, unit: 'errors', budget: 0, measured: wrong })
  add({ what: 'slowest read meanwhile', unit: 'ms', budget: 1000, measured: slowest })
}

/** The whole command, from the shell and back, when nothing is to be done. */
async function unchanged(
  shape: { readonly files: number; readonly budgetMs: number; readonly factor?: number },
  peer: Dvc | undefined,
): Promise<void> {
  const project = join(dir, `unchanged-${shape.files}`)
  await lockstep('init', project)
  makeFiles(join(project, 'images'), shape.files)
  const file = join(project, 'lockstep.yaml')
  const step =
    '  count:\n    shell: find images -type f | wc -l > count.txt\n    inputs: [images]\n    outputs: [count.txt]\n'
  writeFileSync(file, readFileSync(file, 'utf8').replace('evaluate:', `${step}evaluate:`))
  for (let warm = 0; warm < 2; warm++) await lockstep('run', '--project', project)
  const runs = []
  for (let round = 0; round < 5; round++)
    runs.push((await lockstep('run', '--project', project)).ms)
  const what = `no-op run, ${shape.files.toLocaleString('en').replaceAll(',', ' ')} unchanged files`
  add({
    ...{ what, unit: 'ms', budget: shape.budgetMs, measured: median(runs) },
    ...withPeer(peer, (one) => {
      countingProject(one, project)
      for (let warm = 0; warm < 2; warm++) one.run(project, 'repro', '-q')
      return median([0, 1, 2].map(() => one.run(project, 'repro', '-q')))
    }),
    ...(shape.factor === undefined ? {} : { factor: shape.factor }),
  })
  // Looking at memory costs time on a small machine, so it has a run of its own.
  const { megabytes: measured } = await watchedLockstep('run', '--project', project)
  add({ what: `${what}: memory of its largest process`, unit: 'MB', budget: 500, measured })
  rmSync(project, { recursive: true })
}

interface Ended {
  readonly ms: number
  /** The most that any process it started held; 0 when nobody looked. */
  readonly megabytes: number
}

function lockstep(...words: string[]): Promise<Ended> {
  return runCommand(words, () => 0)
}

/** Its processes are looked at every few milliseconds. */
async function watchedLockstep(...words: string[]): Promise<Ended> {
  const known = new Set<number>()
  return runCommand(words, (pid) => {
    known.add(pid)
    for (const one of known) for (const child of childrenOf(one)) known.add(child)
    return Math.max(...[...known].map(mostMegabytes))
  })
}

async function runCommand(words: readonly string[], look: (pid: number) => number): Promise<Ended> {
  const elapsed = stopwatch()
  const child = spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  let megabytes = 0
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const stopLooking = every(25, () => {
    megabytes = Math.max(megabytes, look(child.pid ?? 0))
  })
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  const ms = elapsed()
  stopLooking()
  if (code !== 0) throw new Error(`lockstep ${words.join(' ')}: ${said.slice(-500)}`)
  return { ms, megabytes }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number),
    )
  } catch {
    return []
  }
}

function mostMegabytes(pid: number): number {
  try {
    const most = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(most ?? 0) / 1024
  } catch {
    return 0
  }
}

/** A thousand to a folder. */
function makeFiles(folder: string, count: number): void {
  for (let i = 0; i < count; i++) {
    const place = join(folder, String(Math.floor(i / 1000)))
    if (i % 1000 === 0) mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `${i}.txt`), `image ${i}`)
  }
}

function withPeer(peer: Dvc | undefined, measure: (dvc: Dvc) => number): { peer?: number } {
  return peer === undefined ? {} : { peer: measure(peer) }
}

function add(measure: Measure): void {
  measures.push(measure)
  process.stdout.write(
    `${measure.what}: ${measure.measured.toFixed(1)} ${measure.unit}${measure.peer === undefined ? '' : ` (peer ${measure.peer.toFixed(1)})`}\n`,
  )
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1] ?? 0
}
