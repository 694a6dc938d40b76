// How long a gate's numbers take on large holdouts: one model, two models on the same rows, and a verdict replayed from its record.
// Usage: node benchmarks/verify/statistics.ts [--rows N]
import { parseArgs } from 'node:util'
import { randomStream } from '../../src/foundation/random.ts'
import { stopwatch } from '../../src/foundation/system-clock.ts'
import { boundMetric, boundPair } from '../../src/verify/metrics/metric-bounds.ts'
import { measureMetric } from '../../src/verify/metrics/metric-statistics.ts'
import { measurePair } from '../../src/verify/metrics/paired-statistics.ts'
import type { BinaryScored } from '../../src/verify/metrics/scored.ts'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '100000' } } })
const rows = Number(values.rows)
const z = 1.6448536269514722
const { own, champion } = models(rows)
const entities = Uint32Array.from(own.labels, (_, row) => row % Math.ceil(rows / 5))
const byEntity = { ...own, clusters: entities }

show('ROC AUC with its interval', 7, null, () => boundMetric(measureMetric('roc_auc', own), z))
show('ROC AUC against the champion, paired, with its interval', 7, 500, () =>
  boundPair(measurePair('roc_auc', own, champion), z),
)
show('log loss against the champion, paired', 7, null, () =>
  boundPair(measurePair('log_loss', own, champion), z),
)
show('accuracy against the champion, paired', 7, null, () =>
  boundPair(measurePair('accuracy', own, champion), z),
)
show('accuracy against the champion, paired, by entity', 7, null, () =>
  boundPair(measurePair('accuracy', byEntity, champion), z),
)
show('ROC AUC against the champion, paired, by entity', 3, null, () =>
  boundPair(measurePair('roc_auc', byEntity, champion), z),
)
show('average precision against the champion, 2,000 replicates', 1, null, () =>
  boundPair(measurePair('average_precision', own, champion), z),
)
show('the same, its limit out of reach', 1, null, () =>
  boundPair(measurePair('average_precision', own, champion, { limit: -0.2 }), z),
)
const recorded = measurePair('average_precision', own, champion, { limit: -0.2 })
show('that verdict replayed from its record', 7, null, () => boundPair(recorded, z))

function models(count: number): { own: BinaryScored; champion: BinaryScored } {
  const random = randomStream('benchmark', 'models')
  const labels = Uint8Array.from({ length: count }, () => (random.next() < 0.1 ? 1 : 0))
  const signal = Float64Array.from(labels, (label) => 1.5 * label + 0.8 * random.normal())
  const scores = () => signal.map((one) => 1 / (1 + Math.exp(-(one + 0.6 * random.normal()))))
  const shape = { task: 'binary' as const, labels, threshold: 0.5 }
  return { own: { ...shape, scores: scores() }, champion: { ...shape, scores: scores() } }
}

function show(what: string, rounds: number, budgetMs: number | null, task: () => unknown): void {
  const taken = Array.from({ length: rounds }, () => {
    const elapsed = stopwatch()
    task()
    return elapsed()
  })
  const ms = taken.sort((a, b) => a - b)[rounds >> 1] ?? 0
  const budget =
    budgetMs === null ? '' : ` (budget ${budgetMs} ms${ms <= budgetMs ? '' : ' MISSED'})`
  process.stdout.write(`${rows} rows, ${what}: ${ms.toFixed(ms < 10 ? 2 : 0)} ms${budget}\n`)
}
