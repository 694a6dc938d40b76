// `evaluate:` with its defaults filled in. What the model predicts follows from what is declared, never from a look at the rows.
import type { RawEvaluate } from './evaluate-schema.ts'
import type { Report } from './problems.ts'
import type { EvaluateSpec, PredictionsSpec, Task } from './project-spec.ts'
import { ms } from './read-units.ts'

export function resolveEvaluate(raw: RawEvaluate, report: Report): EvaluateSpec {
  const task = raw.task ?? inferredTask(raw)
  if (raw.threshold !== undefined && task !== 'binary')
    report(['evaluate', 'threshold'], `only two classes have a threshold, and the task is ${task}`)
  return {
    data: raw.data,
    task,
    label: raw.label,
    classes: raw.classes?.map(String) ?? null,
    threshold: raw.threshold ?? 0.5,
    groups: raw.groups,
    slices: raw.slices,
    score: raw.score ?? null,
    weights: raw.weights ?? null,
    clusterBy: raw.cluster_by ?? null,
    time: raw.time ?? null,
    blockMs: raw.block === undefined ? null : ms(raw.block),
    maturedMs: raw.matured === undefined ? null : ms(raw.matured),
    query: raw.query ?? null,
    predictions: predictionsOf(raw.predictions),
    train: raw.train ?? null,
    anchor: raw.anchor ?? null,
  }
}

function inferredTask({ query, classes }: RawEvaluate): Task {
  if (query !== undefined) return 'ranking'
  return classes !== undefined && classes.length > 2 ? 'multiclass' : 'binary'
}

function predictionsOf(raw: RawEvaluate['predictions']): PredictionsSpec | null {
  if (raw === undefined) return null
  if (typeof raw === 'string') return { file: raw, key: null, columns: null }
  return { file: raw.file, key: raw.key ?? null, columns: raw.columns ?? null }
}
