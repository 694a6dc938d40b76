// The data gate as a person runs it: 237 checks of a table of 50 columns, as one command from its start to its answer.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checksOf, lineOf, writeTable } from './data-table.ts'
import { quickest, type TimedProcess, timedProcess } from './timed-process.ts'

export interface GateTable {
  readonly rows: number
  readonly format: 'parquet' | 'csv'
  /** The table, checks.json and checks.yaml are left in it, so that other tools can be given the same. */
  readonly folder: string
}

export const lockstepCommand = fileURLToPath(new URL('../../bin/lockstep.js', import.meta.url))

export async function measureDataGate(
  { rows, format, folder }: GateTable,
  { rounds, threads }: { readonly rounds: number; readonly threads: number },
): Promise<TimedProcess & { readonly checks: number; readonly table: string }> {
  mkdirSync(folder, { recursive: true })
  const table = join(folder, `rows-${rows}.${format}`)
  const list = join(folder, 'checks.yaml')
  await writeTable(table, rows)
  const checks = checksOf(rows)
  writeFileSync(join(folder, 'checks.json'), JSON.stringify({ table, rows, checks }, null, 1))
  writeFileSync(list, checks.map((check) => `- ${JSON.stringify(lineOf(check))}\n`).join(''))
  const words = ['data', 'check', table, '--list', list, '--threads', String(threads), '--json']
  const taken = quickest(rounds, () => timedProcess(process.execPath, [lockstepCommand, ...words]))
  return { ...taken, checks: checks.length, table }
}
