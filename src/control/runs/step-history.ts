// What earlier runs know about steps: how long they took, and what they read beside their inputs. Pure.
import type { ReadsRecord, Run } from './run.ts'

export interface StepHistory {
  /** The median of what the newest runs of the declaration took; null when none ran. */
  expectedMs(declaredAs: string): number | null
  /** What the attempt behind a known result read; undefined when no record is left. */
  readsBehind(key: string): ReadsRecord | undefined
}

/** Of each declaration so many of its newest times count. */
const times = 15

/** @param runs newest first. */
export function historyOf(runs: readonly Run[]): StepHistory {
  const took = new Map<string, number[]>()
  const reads = new Map<string, ReadsRecord>()
  for (const step of runs.flatMap((run) => run.steps)) {
    if (step.verdict !== 'ran' || step.startedAt === null || step.finishedAt === null) continue
    if (step.key !== null && step.reads && !reads.get(step.key)?.traced)
      reads.set(step.key, step.reads)
    const declared = step.declaredAs ?? step.name
    const known = took.get(declared)
    const ms = step.finishedAt - step.startedAt
    if (known === undefined) took.set(declared, [ms])
    else if (known.length < times) known.push(ms)
  }
  return {
    expectedMs: (declaredAs) => median(took.get(declaredAs) ?? []),
    readsBehind: (key) => reads.get(key),
  }
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  if (middle === undefined) return null
  const other = sorted[Math.floor((sorted.length - 1) / 2)] ?? middle
  return Math.round((middle + other) / 2)
}
