// The metrics of a run as people compare them: replicates of one declaration together, beside the run before. Pure.
import type { StepRecord } from './run.ts'

export interface MetricSummary {
  /** The declaration: `train` for `train@1` and `train@2`. */
  readonly step: string
  readonly name: string
  readonly mean: number
  /** Between the steps of one declaration; null when there is one. */
  readonly sd: number | null
  readonly n: number
}

type Measured = Pick<StepRecord, 'declaredAs' | 'metrics'>

/** In the order of steps and files. */
export function summariseMetrics(steps: readonly Measured[]): MetricSummary[] {
  const groups = new Map<string, { step: string; name: string; values: number[] }>()
  for (const { declaredAs: step, metrics } of steps) {
    for (const [name, value] of Object.entries(metrics ?? {})) {
      const key = JSON.stringify([step, name])
      const known = groups.get(key)
      if (known) known.values.push(value)
      else groups.set(key, { step, name, values: [value] })
    }
  }
  return [...groups.values()].map(({ step, name, values }) => {
    const n = values.length
    const mean = values.reduce((sum, value) => sum + value, 0) / n
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return { step, name, mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : null, n }
  })
}

export interface MetricChange extends MetricSummary {
  /** The same metric in the newest earlier run that has it. */
  readonly before: (Omit<MetricSummary, 'step' | 'name'> & { readonly run: number }) | null
}

/** @param earlier newest first. */
export function compareMetrics(
  steps: readonly Measured[],
  earlier: readonly { readonly number: number; readonly steps: readonly Measured[] }[],
): MetricChange[] {
  const known = new Map<string, MetricChange['before']>()
  for (const run of earlier) {
    for (const { step, name, ...numbers } of summariseMetrics(run.steps)) {
      const key = JSON.stringify([step, name])
      if (!known.has(key)) known.set(key, { ...numbers, run: run.number })
    }
  }
  return summariseMetrics(steps).map((metric) => ({
    ...metric,
    before: known.get(JSON.stringify([metric.step, metric.name])) ?? null,
  }))
}
