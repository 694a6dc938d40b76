// Every metric by task and name, as one object that values, resamples and describes it. Names are held in a normal form,
// so that `auc` and `roc_auc`, `ece` and `ece@15u` are one metric with one history.
import { assert } from '../../foundation/assert.ts'
import type { Count } from '../statistics/proportion-bounds.ts'
import { binaryMetrics } from './binary-definitions.ts'
import type { RowWeights } from './curves.ts'
import type {
  MetricDefinition,
  MetricShape,
  MetricTable,
  OfWeights,
  RowCounts,
} from './metric-definition.ts'
import { multiclassMetrics } from './multiclass-definitions.ts'
import { rankingMetrics } from './ranking-definitions.ts'
import { regressionMetrics } from './regression-definitions.ts'
import type { Scored } from './scored.ts'

export type Task = Scored['task']

export const tasks: readonly Task[] = ['binary', 'multiclass', 'regression', 'ranking']

/** The parts that need no rows are as in `MetricDefinition`; those that do refuse rows of another task. */
export interface Metric {
  readonly name: string
  readonly task: Task
  readonly words: string
  readonly counted: string
  readonly needs: string
  readonly better: 'higher' | 'lower'
  readonly best?: number
  readonly range: readonly [number, number]
  readonly shape: MetricShape
  /** With the rows' own weights; undefined where its denominator is empty, never 0. */
  value(scored: Scored): number | undefined
  /** For resampling: the multiplicities given are multiplied by the rows' own weights. */
  prepare(scored: Scored): OfWeights
  /** Rows in its denominator, weights aside. */
  support(scored: Scored): number
  /** Why these rows cannot be asked for it: the verdict is then `error`. */
  fault(scored: Scored): string | undefined
  /** For the shape `proportion`; weights aside. */
  readonly count?: (scored: Scored) => Count
  /** Row by row, where each row answers for itself; else found from `count`. */
  readonly rowCounts?: (scored: Scored) => RowCounts
  /** For the shape `mean`. */
  readonly rowValues?: (scored: Scored) => Float64Array
  /** What scikit-learn prints where `value` is undefined. */
  readonly compatValue?: (scored: Scored) => number
}

/** Aliases and other spellings of a parameter are resolved: `metricFor('binary', 'auc')?.name` is `roc_auc`. */
export function metricFor(task: Task, name: string): Metric | undefined {
  switch (task) {
    case 'binary':
      return find(task, binaryMetrics, name)
    case 'multiclass':
      return find(task, multiclassMetrics, name)
    case 'regression':
      return find(task, regressionMetrics, name)
    case 'ranking':
      return find(task, rankingMetrics, name)
  }
}

/** The normal form when it is a metric of any task. */
export function parseMetricName(text: string): string | undefined {
  for (const task of tasks) {
    const found = metricFor(task, text)
    if (found !== undefined) return found.name
  }
  return undefined
}

/** Names in normal form; those with parameters with the usual ones. */
export function metricNames(task: Task): readonly string[] {
  return tableOf(task).forms.flatMap(({ examples }) => examples)
}

/** Every name of every task, aliases too: for "did you mean". */
export const knownMetricNames: readonly string[] = [
  ...new Set(
    tasks.flatMap((task) => [...metricNames(task), ...Object.keys(tableOf(task).aliases)]),
  ),
]

function tableOf(task: Task): {
  readonly forms: readonly { readonly examples: readonly string[] }[]
  readonly aliases: Readonly<Record<string, string>>
} {
  const tables = {
    binary: binaryMetrics,
    multiclass: multiclassMetrics,
    regression: regressionMetrics,
    ranking: rankingMetrics,
  }
  return tables[task]
}

type Of<T extends Task> = Extract<Scored, { task: T }>

function find<T extends Task>(task: T, table: MetricTable<Of<T>>, text: string) {
  const name = text.trim()
  const resolved = Object.hasOwn(table.aliases, name) ? (table.aliases[name] ?? name) : name
  for (const form of table.forms) {
    const definition = form.read(resolved)
    if (definition !== undefined) return bind(task, definition)
  }
  return undefined
}

/** Closes the gap between "rows of any task" and "rows of this task" once, for every metric. */
function bind<T extends Task>(task: T, definition: MetricDefinition<Of<T>>): Metric {
  const { name, words, counted, needs, better, range, shape } = definition
  const { best, count, rowCounts, rowValues, compatValue } = definition
  const own = (scored: Scored): Of<T> => {
    assert(isOf(task, scored), `${name} of a ${task} model was asked of ${scored.task} rows`)
    return scored
  }
  const prepare = (scored: Scored) => weighted(definition.prepare(own(scored)), scored.weights)
  return {
    ...{ name, task, words, counted, needs, better, range, shape },
    ...(best === undefined ? {} : { best }),
    value: (scored) => prepare(scored)(new Uint8Array(scored.labels.length).fill(1)),
    prepare,
    support: (scored) => definition.support(own(scored)),
    fault: (scored) => definition.fault?.(own(scored)),
    ...(count && { count: (scored: Scored) => count(own(scored)) }),
    ...(rowCounts && { rowCounts: (scored: Scored) => rowCounts(own(scored)) }),
    ...(rowValues && { rowValues: (scored: Scored) => rowValues(own(scored)) }),
    ...(compatValue && { compatValue: (scored: Scored) => compatValue(own(scored)) }),
  }
}

function isOf<T extends Task>(task: T, scored: Scored): scored is Of<T> {
  return scored.task === task
}

function weighted(of: OfWeights, own: Float64Array | undefined): OfWeights {
  if (own === undefined) return of
  const product = new Float64Array(own.length)
  return (weights: RowWeights) => {
    for (let row = 0; row < own.length; row++) {
      product[row] = (own[row] ?? 0) * (weights[row] ?? 0)
    }
    return of(product)
  }
}
