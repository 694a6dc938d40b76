// How fast the verdicts are, beside their budgets and beside the peers on the same machine in the same run.
// Usage: node benchmarks/verify/run.ts [--full] [--json FILE] [--folder DIR] [--rounds N] [--without-peers] [--venv DIR]
// --full adds ten million rows. A peer is timed as Lockstep is: the whole command, from its start to its answer.
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sentenceOf } from '../../src/foundation/errors.ts'
import { isKept, type Measure, printTable, writeJson } from '../build/table.ts'
import { type GateTable, measureDataGate } from './data-gate.ts'
import { fairnessGaps, pairedAuc, writeHoldout } from './holdout.ts'
import { incomeGatesMs } from './income-gates.ts'
import { askPeer, dataPeers, findPython } from './peers.ts'
import { timedProcess } from './timed-process.ts'
import { measureWholeTables } from './whole-tables.ts'

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    'without-peers': { type: 'boolean', default: false },
    venv: { type: 'string' },
    folder: { type: 'string', default: join(tmpdir(), 'lockstep-benchmark-verify') },
    rounds: { type: 'string', default: '5' },
    json: { type: 'string', default: join(tmpdir(), 'lockstep-verify-benchmark.json') },
  },
})
const { folder } = values
const million = 1_000_000
const rounds = Number(values.rounds)
const measures: Measure[] = []
const python = values['without-peers'] ? { because: 'as asked' } : findPython(values.venv)
if (typeof python !== 'string') say(`nothing is compared with peers: ${python.because}`)
say(`load before: ${loadavg()[0]?.toFixed(1)}`)

const parts = [
  () => dataGate({ rows: million, format: 'csv', folder }, 5000),
  () => dataGate({ rows: million, format: 'parquet', folder }, 5000),
  ...(values.full
    ? [() => dataGate({ rows: 10 * million, format: 'parquet', folder }, 60_000)]
    : []),
  () => wholeTables(),
  () => holdout(),
  async () =>
    add({ what: 'income: all gates and their report', ...ms(incomeGatesMs()), budget: 10_000 }),
]
let broken = 0
for (const part of parts)
  await part().catch((error) => {
    broken++
    say(sentenceOf(error))
  })
say(`load after: ${loadavg()[0]?.toFixed(1)}\n`)
printTable(measures, 'fastest peer')
writeJson(values.json, 'fastest peer', measures)
say(`\nwritten to ${values.json}`)
process.exitCode = broken === 0 && measures.every(isKept) ? 0 : 1

async function dataGate(table: GateTable, budget: number): Promise<void> {
  const isCompared = table.rows === million && table.format === 'parquet'
  const own = await measureDataGate(table, {
    rounds: table.rows > million ? 2 : rounds,
    threads: 2,
  })
  const what = `${own.checks} checks, ${table.rows / million} M rows × 50, ${table.format}`
  say(`${what}: ${seconds(own.cpuMs)} of processor time`)
  const peer = isCompared ? fastestPeer(own.cpuMs) : undefined
  add({
    ...{ what, ...ms(own.wallMs), budget },
    ...(peer === undefined ? {} : { peer, factor: 10 }),
  })
  const memory = { unit: 'MB', budget: 1000, measured: own.peakMegabytes } as const
  add({ what: `${what}: memory`, ...memory })
}

/** Milliseconds of the quickest peer, one round each. */
function fastestPeer(ownCpuMs: number): number | undefined {
  if (typeof python !== 'string') return undefined
  const taken = dataPeers.flatMap((name) => {
    try {
      const peer = askPeer(python, name, folder)
      if (!peer.held) throw new Error('it finds a check that does not hold')
      say(
        `  ${name} ${peer.version}: ${seconds(peer.wallMs)}, ${seconds(peer.seconds * 1000)} of it from reading to the answer; ${seconds(peer.cpuMs)} of processor time (${(peer.cpuMs / ownCpuMs).toFixed(1)} × Lockstep's), ${peer.peakMegabytes.toFixed(0)} MB, ${peer.checks} of the checks`,
      )
      return [peer.wallMs]
    } catch (error) {
      say(`  ${name} is left out: ${sentenceOf(error)}`)
      return []
    }
  })
  return taken.length === 0 ? undefined : Math.min(...taken)
}

async function wholeTables(): Promise<void> {
  const taken = await measureWholeTables(folder, million)
  const size = '1 M rows × 50'
  add({ what: `profile of ${size}`, ...ms(taken.profileMs), budget: 10_000 })
  add({ what: `drift of 50 columns, 1 M rows`, ...ms(taken.driftMs), budget: 5000 })
  add({ what: `leakage of 50 columns, 1 M rows`, ...ms(taken.leakageMs), budget: 10_000 })
  add({ what: `overlap of ${size} with as many`, ...ms(taken.overlapMs), budget: 5000 })
}

async function holdout(): Promise<void> {
  const auc = { ...ms(pairedAuc(100_000)), budget: 500 }
  add({ what: 'paired AUC with its interval, 100 000 rows', ...auc })
  const path = await writeHoldout(folder, million)
  const own = await fairnessGaps(path)
  const peer = typeof python === 'string' ? fairlearn(python, path, own.gaps) : undefined
  const what = 'gap(tpr) by three columns of groups, 1 M rows'
  add({
    ...{ what, ...ms(own.ms), budget: 5000 },
    ...(peer === undefined ? {} : { peer, factor: 1 }),
  })
}

/** Its milliseconds; its gaps must be Lockstep's. */
function fairlearn(program: string, path: string, gaps: readonly number[]): number {
  const script = fileURLToPath(new URL('fairlearn_peer.py', import.meta.url))
  const { stdout } = timedProcess(program, [script, path])
  const answer: { version: string; ms: number; gaps: number[] } = JSON.parse(stdout.trim())
  const differ = answer.gaps.some((gap, at) => Math.abs(gap - (gaps[at] ?? Number.NaN)) > 1e-12)
  if (differ || answer.gaps.length !== gaps.length)
    throw new Error(`Fairlearn ${answer.version} finds gaps ${answer.gaps}, Lockstep ${gaps}`)
  say(`  the same gaps as Fairlearn ${answer.version}`)
  return answer.ms
}

function ms(measured: number): Pick<Measure, 'measured' | 'unit'> {
  return { measured, unit: 'ms' }
}

function add(measure: Measure): void {
  measures.push(measure)
  say(`${measure.what}: ${measure.measured.toFixed(0)} ${measure.unit}`)
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
