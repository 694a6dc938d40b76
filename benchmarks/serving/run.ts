// Serving against the yardstick, in one run on one machine: a bare node:http JSON echo, then gateway and replica.
// node benchmarks/serving/run.ts [seconds per measurement, default 4]
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOfFile } from '../../src/foundation/digest.ts'
import { freePort, snapshotOf } from '../../test/integration/serve/stage.ts'
import { type LoadResult, runLoad } from './closed-loop.ts'

const durationMs = Number(process.argv[2] ?? 4) * 1000
const connections = 32
const row = Array.from({ length: 30 }, (_, at) => at / 7)
const body = JSON.stringify({
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 30], data: row.map(Math.fround) }],
})

const folder = await mkdtemp(join(tmpdir(), 'lockstep-bench-'))
const children: ChildProcess[] = []
try {
  const echoPort = await freePort()
  await start('./echo-process.ts', String(echoPort))
  const port = await startServing()
  const rounds: { echo: LoadResult; gateway: LoadResult }[] = []
  // One round to warm the compilers, then five that count: the median forgives what else the machine was doing.
  for (let round = 0; round < 6; round++) {
    const echo = await measure(echoPort, '/')
    const gateway = await measure(port, '/v2/models/m/infer')
    if (round > 0) rounds.push({ echo, gateway })
  }
  print(rounds)
} finally {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}

async function startServing(): Promise<number> {
  const modelPath = new URL('../../test/support/models/wide.onnx', import.meta.url).pathname
  const socketPath = join(folder, 'replica.sock')
  const digest = await digestOfFile(modelPath)
  const release = { release: '1', releaseId: 'rel_1' }
  const replica = { modelPath, modelName: 'm', digest, socketPath, ...release }
  await start('../../test/integration/serve/replica-process.ts', JSON.stringify(replica))
  const port = await freePort()
  const snapshotFile = join(folder, 'routing.json')
  const stable = { ...release, replicas: [{ id: 'r1', socketPath }] }
  await writeFile(snapshotFile, JSON.stringify(snapshotOf(1, port, { stable })))
  const gateway = {
    ...{ workerId: 'w1', bootId: 'bench', host: '127.0.0.1', snapshotFile },
    adminSocket: join(folder, 'admin.sock'),
    spoolDir: join(folder, 'spool'),
    capture: { sampleRate: 0 },
  }
  await start('../../test/integration/serve/gateway-process.ts', JSON.stringify(gateway))
  return port
}

async function start(entry: string, argument: string): Promise<void> {
  const path = new URL(entry, import.meta.url).pathname
  const child = spawn(process.execPath, [path, argument], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`${entry} ended with ${code}`)))
  })
}

function measure(port: number, path: string): Promise<LoadResult> {
  return runLoad({ port, path, body, connections, durationMs })
}

function print(rounds: readonly { echo: LoadResult; gateway: LoadResult }[]): void {
  const line = (name: string, { perSecond, p50Ms, p99Ms, failed }: LoadResult) =>
    `${name.padEnd(18)} ${perSecond.toFixed(0).padStart(7)} req/s   p50 ${p50Ms.toFixed(2)} ms   p99 ${p99Ms.toFixed(2)} ms   failed ${failed}`
  const ratios = rounds.map(({ echo, gateway }) => gateway.perSecond / echo.perSecond)
  for (const { echo, gateway } of rounds) {
    console.log(line('bare echo', echo))
    console.log(line('gateway + replica', gateway))
  }
  const sorted = ratios.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(', ')
  const [load = 0] = loadavg()
  console.log(`ratio              ${median.toFixed(2)} (median of ${all}; budget 0.65)`)
  console.log(`machine            ${cpus().length} cores, load average ${load.toFixed(1)}`)
}
