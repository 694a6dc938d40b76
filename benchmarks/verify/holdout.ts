// A gate's numbers on a large holdout, in memory: two models on the same rows, and a metric between groups of people.
import { join } from 'node:path'
import { openTables, quoteText } from '../../src/build/tables/duckdb.ts'
import { randomStream } from '../../src/foundation/random.ts'
import { stopwatch } from '../../src/foundation/system-clock.ts'
import type { GateEvidenceInput } from '../../src/verify/gates/gate-evidence.ts'
import { gateDefaults, judgeGates } from '../../src/verify/gates/judge-gates.ts'
import { boundPair } from '../../src/verify/metrics/metric-bounds.ts'
import { measurePair } from '../../src/verify/metrics/paired-statistics.ts'
import type { BinaryScored } from '../../src/verify/metrics/scored.ts'

const groupings = ['group_a', 'group_b', 'group_c']

/** ROC AUC of two models on the same rows, their difference with its interval (DeLong): the median of seven, in milliseconds. */
export function pairedAuc(rows: number): number {
  const random = randomStream('benchmark', 'models')
  const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.1 ? 1 : 0))
  const signal = Float64Array.from(labels, (label) => 1.5 * label + 0.8 * random.normal())
  const scores = () => signal.map((one) => 1 / (1 + Math.exp(-(one + 0.6 * random.normal()))))
  const model = (): BinaryScored => ({ task: 'binary', labels, threshold: 0.5, scores: scores() })
  const own = model()
  const champion = model()
  const taken = times(7, () => boundPair(measurePair('roc_auc', own, champion), 1.645))
  return taken.sort((a, b) => a - b)[3] ?? 0
}

export interface FairnessRun {
  /** Of the quickest of three. */
  readonly ms: number
  readonly gaps: readonly number[]
}

/** Labels, scores and three columns of groups, as a file that others can read. */
export async function writeHoldout(folder: string, rows: number): Promise<string> {
  const path = join(folder, `holdout-${rows}.parquet`)
  const tables = await openTables()
  const share = (salt: number) => `(hash(i, ${salt}) % 1000000) / 1000000.0`
  const of = (salt: number, groups: number) => `'g' || (hash(i, ${salt}) % ${groups})`
  await tables.query(
    `COPY (SELECT y, (${share(2)} * 0.6 + 0.4 * y)::DOUBLE AS score, ${of(3, 2)} AS group_a, ${of(4, 5)} AS group_b, ${of(5, 8)} AS group_c FROM (SELECT i, (${share(1)} < 0.3)::INT AS y FROM range(${rows}) t(i))) TO ${quoteText(path)} (FORMAT parquet)`,
  )
  tables.close()
  return path
}

/** The gap of the true-positive rate by each column of groups, with simultaneous bounds and a verdict: more than the peer answers. */
export async function fairnessGaps(path: string): Promise<FairnessRun> {
  const evidence = await evidenceOf(path)
  const checks = groupings.map((by) => ({
    ...{ text: 'gap(tpr) <= 0.1', options: { by }, position: null },
  }))
  let gaps: readonly number[] = []
  const taken = times(3, () => {
    const report = judgeGates({ gates: [{ name: 'g', checks }], evidence, defaults: gateDefaults })
    gaps = report.gates.flatMap((gate) => gate.checks.map(({ estimate }) => estimate ?? Number.NaN))
  })
  return { ms: Math.min(...taken), gaps }
}

async function evidenceOf(path: string): Promise<GateEvidenceInput> {
  const tables = await openTables()
  const { values } = await tables.columns(
    `SELECT y, score, ${groupings.join(', ')} FROM read_parquet(${quoteText(path)})`,
  )
  tables.close()
  const [labels = [], scores = [], ...groups] = values
  const scored: BinaryScored = {
    task: 'binary',
    labels: Uint8Array.from(labels as number[]),
    scores: Float64Array.from(scores as number[]),
    threshold: 0.5,
  }
  const columns = new Map(groupings.map((name, at) => [name, (groups[at] ?? []) as string[]]))
  return { holdout: { scored, columns }, baselines: new Map() }
}

function times(rounds: number, task: () => unknown): number[] {
  return Array.from({ length: rounds }, () => {
    const elapsed = stopwatch()
    task()
    return elapsed()
  })
}
