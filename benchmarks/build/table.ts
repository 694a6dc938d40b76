// What a benchmark measured, beside its budget and beside the peer: as a table for people and as JSON with the machine's facts.
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

export interface Measure {
  readonly what: string
  readonly measured: number
  readonly unit: 'ms' | 'MB' | 'GiB/s' | 'errors'
  /** At most this, for GiB/s at least. */
  readonly budget: number
  /** The same by the peer. */
  readonly peer?: number
  /** So many times better than the peer, at least. */
  readonly factor?: number
}

export function isKept({ measured, unit, budget, factor, ...measure }: Measure): boolean {
  const ratio = ratioOf({ measured, unit, budget, ...measure })
  if (factor !== undefined && ratio !== undefined && ratio < factor) return false
  return unit === 'GiB/s' ? measured >= budget : measured <= budget
}

export function printTable(measures: readonly Measure[], peer: string): void {
  const rows = measures.map((measure) => {
    const { what, measured, unit, budget } = measure
    const ratio = ratioOf(measure)
    return [
      what,
      `${unit === 'GiB/s' ? '≥' : '≤'} ${budget} ${unit}`,
      `${shown(measured)} ${unit}`,
      measure.peer === undefined ? '' : `${shown(measure.peer)} ${unit}`,
      ratio === undefined ? '' : `${ratio.toFixed(1)} ×`,
      isKept(measure) ? 'kept' : 'MISSED',
    ]
  })
  const head = ['', 'budget', 'measured', peer, 'better by', '']
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => (row[at] ?? '').length)),
  )
  for (const row of [head, ...rows]) {
    const line = row.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    )
    process.stdout.write(`${line.join('  ').trimEnd()}\n`)
  }
}

export function writeJson(path: string, peer: string, measures: readonly Measure[]): void {
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    loadBefore: loadavg()[0],
    ...{ node: process.version, platform: `${process.platform}-${process.arch}` },
  }
  const kept = measures.map((measure) => ({ ...measure, kept: isKept(measure) }))
  writeFileSync(path, `${JSON.stringify({ machine, peer, measures: kept }, null, 2)}\n`)
}

function ratioOf({ measured, unit, peer }: Measure): number | undefined {
  if (peer === undefined) return undefined
  return unit === 'GiB/s' ? measured / peer : peer / measured
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
