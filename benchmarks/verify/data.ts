// How fast a data gate answers, and in how much memory: 211 checks of a table of 50 columns, as one command from its start to
// its answer. Usage: node benchmarks/verify/data.ts [--rows N] [--format parquet|csv] [--folder DIR] [--threads N]
// It leaves the table and checks.json in the folder, so that other tools can be given the same.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { stopwatch } from '../../src/foundation/system-clock.ts'
import { checksOf, lineOf, writeTable } from './data-table.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    format: { type: 'string', default: 'parquet' },
    folder: { type: 'string', default: join(tmpdir(), 'lockstep-benchmark-data') },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
  },
})
const rows = Number(values.rows)
const bin = fileURLToPath(new URL('../../bin/lockstep.js', import.meta.url))
mkdirSync(values.folder, { recursive: true })
const table = join(values.folder, `rows-${rows}.${values.format}`)
const list = join(values.folder, 'checks.yaml')
await writeTable(table, rows)
const checks = checksOf(rows)
writeFileSync(join(values.folder, 'checks.json'), JSON.stringify({ table, rows, checks }, null, 1))
writeFileSync(list, checks.map((check) => `- ${JSON.stringify(lineOf(check))}\n`).join(''))

const results = []
for (let round = 0; round < Number(values.rounds); round++) {
  const elapsed = stopwatch()
  const done = spawnSync(
    '/usr/bin/env',
    [
      'time',
      '-f',
      '%M %U %S',
      process.execPath,
      bin,
      'data',
      'check',
      table,
      '--list',
      list,
      '--threads',
      values.threads,
      '--json',
    ],
    { encoding: 'utf8', maxBuffer: 1e9 },
  )
  const seconds = elapsed() / 1000
  if (done.status !== 0)
    throw new Error(`${done.status}: ${done.stderr}${done.stdout.slice(0, 2000)}`)
  const [kilobytes = 0, user = 0, system = 0] =
    done.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
  results.push({ seconds, cpuSeconds: user + system, peakBytes: kilobytes * 1024 })
}
// On a machine that does other things too, the processor's time says more than the clock's.
const cpu = Math.min(...results.map((one) => one.cpuSeconds))
const best = Math.min(...results.map((one) => one.seconds))
const peak = Math.max(...results.map((one) => one.peakBytes))
console.log(
  JSON.stringify({
    rows,
    columns: 50,
    checks: checks.length,
    format: values.format,
    seconds: results.map((one) => Number(one.seconds.toFixed(2))),
    best: Number(best.toFixed(2)),
    cpuSeconds: Number(cpu.toFixed(2)),
    peakMB: Math.round(peak / 1e6),
  }),
)
