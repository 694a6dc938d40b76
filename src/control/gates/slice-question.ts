// What a search for weak slices asks when nobody says: which metric, and in which columns. Pure.
import { LockstepError } from '../../foundation/errors.ts'
import { didYouMean } from '../../project/problems.ts'
import type { EvaluateSpec, ProjectSpec } from '../../project/project-spec.ts'
import type { SliceColumns } from '../../verify/fairness/slices.ts'
import { type CheckSpec, hasProblems } from '../../verify/gates/check-spec.ts'
import { parseCheck } from '../../verify/gates/language/parse-check.ts'
import { type Metric, metricFor, metricNames, type Task } from '../../verify/metrics/metric.ts'

/** Each row answers for itself in these, so that a slice needs no resampling. */
const usual: Readonly<Record<Task, string>> = {
  binary: 'accuracy',
  multiclass: 'accuracy',
  regression: 'mae',
  ranking: 'ndcg@10',
}

/** The one asked for; else that of the first check in slices, between groups, or of one number per row. */
export function searchMetric(
  { evaluate, gates }: Pick<ProjectSpec, 'evaluate' | 'gates'>,
  asked: string | null,
): Metric {
  const { task } = evaluate
  if (asked !== null) return metricFor(task, asked) ?? unknownMetric(task, asked)
  const specs = gates
    .flatMap(({ checks }) => checks.map(({ text, options }) => parseCheck(text, options)))
    .filter((parsed): parsed is CheckSpec => !hasProblems(parsed))
  const named = [
    ...specs.flatMap((one) => (one.kind === 'metric' && one.each !== null ? [one.metric] : [])),
    ...specs.flatMap((one) => (one.kind === 'gap' ? one.metrics : [])),
    ...specs.flatMap((one) => (one.kind === 'metric' ? [one.metric] : [])),
  ]
  const quick = named
    .map((name) => metricFor(task, name))
    .find((metric) => metric?.shape === 'proportion' || metric?.shape === 'mean')
  const found = quick ?? metricFor(task, usual[task])
  return found ?? unknownMetric(task, usual[task])
}

function unknownMetric(task: Task, asked: string): never {
  const near = didYouMean(asked, [...metricNames(task)])
  throw new LockstepError({
    code: 'gates.unknown_metric',
    kind: 'invalid',
    message: `${asked} is not a metric of a ${task} model`,
    hint:
      near === undefined ? `there are ${metricNames(task).join(', ')}` : `did you mean ${near}?`,
  })
}

interface Columns {
  readonly columns: SliceColumns
  readonly inputs: readonly { readonly name: string; readonly values: ArrayLike<unknown> }[]
}

/** Without what cannot be a group: the label, weights, entities, time and queries. */
export function searchColumns(
  { columns, inputs }: Columns,
  evaluate: EvaluateSpec,
  asked: readonly string[] | null,
): SliceColumns {
  const { label, weights, clusterBy, time, query } = evaluate
  const all = new Map([
    ...[...columns].map(([name, values]) => [name, values] as const),
    ...inputs.map(({ name, values }) => [name, values] as const),
  ])
  if (asked === null) {
    for (const name of [label, weights, clusterBy, time, query]) if (name) all.delete(name)
    return all
  }
  const unknown = asked.find((name) => !all.has(name))
  if (unknown === undefined) return new Map([...all].filter(([name]) => asked.includes(name)))
  const near = didYouMean(unknown, [...all.keys()])
  throw new LockstepError({
    code: 'gates.unknown_column',
    kind: 'invalid',
    message: `the holdout has no column '${unknown}'`,
    hint: near === undefined ? `there are ${[...all.keys()].join(', ')}` : `did you mean ${near}?`,
  })
}
