// How a metric is defined: by task, under its normal name, as a function of row weights. One table of forms per task.
import type { Count } from '../statistics/proportion-bounds.ts'
import type { RowWeights } from './curves.ts'
import type { Scored } from './scored.ts'

/** What a metric is statistically: decides how its bounds are found. */
export type MetricShape =
  /** A share of some of the rows. */
  | 'proportion'
  /** The plain mean of one number per row. */
  | 'mean'
  /** An area under the ROC curve of two classes. */
  | 'auc'
  /** What these very rows show, such as their largest error: no rows say what others would show. */
  | 'observed'
  /** The largest of many differences: always too high, in every replicate once more. */
  | 'largest'
  /** A sum of sizes, never below 0: too high by its own noise. */
  | 'folded'
  /** Anything else. */
  | 'resampled'

/** A proportion row by row. */
export interface RowCounts {
  /** 1 where the row counts as a success; such a row is in the denominator too. */
  readonly successes: Uint8Array
  /** 1 where the row is in the denominator. */
  readonly trials: Uint8Array
}

export type OfWeights = (weights: RowWeights) => number | undefined

export interface MetricDefinition<S extends Scored> {
  /** Normal form with its parameter: `ece@15u`, `top@3`, `precision@recall=0.9`. */
  readonly name: string
  /** In a sentence. */
  readonly words: string
  /** What its denominator counts. */
  readonly counted: string
  /** What must be there for it to be defined: "positives", "selected rows". */
  readonly needs: string
  readonly better: 'higher' | 'lower'
  /** The ideal where it lies inside the range: 0 for a bias, 1 for a slope. `better` is then only how it reads. */
  readonly best?: number
  readonly range: readonly [number, number]
  readonly shape: MetricShape
  /** Prepared once (sorted, binned); each evaluation is a linear pass. The weights are final: row weights are in them. */
  readonly prepare: (scored: S) => OfWeights
  /** How many rows its denominator counts, weights aside: what minimum support is held against. */
  readonly support: (scored: S) => number
  /** Of a proportion, weights aside. */
  readonly count?: (scored: S) => Count
  /** Of a proportion whose rows answer for themselves. */
  readonly rowCounts?: (scored: S) => RowCounts
  /** Of a mean: the number of every row. */
  readonly rowValues?: (scored: S) => Float64Array
  /** What scikit-learn prints where the metric is undefined (0 with a warning, or NaN). */
  readonly compatValue?: (scored: S) => number
  /** Why these rows cannot be asked for it at all (no such class, scores that are no probabilities). */
  readonly fault?: (scored: S) => string | undefined
}

/** One way to write a metric, with or without parameters. */
export interface MetricForm<S extends Scored> {
  /** As it is usually written, in normal form; the first is shown in lists. */
  readonly examples: readonly string[]
  /** The metric of this name, its parameters brought to normal form; undefined when it is another. */
  readonly read: (name: string) => MetricDefinition<S> | undefined
}

export interface MetricTable<S extends Scored> {
  readonly forms: readonly MetricForm<S>[]
  /** Other names, with the name they stand for. */
  readonly aliases: Readonly<Record<string, string>>
}

/** A metric without parameters. */
export function plainForm<S extends Scored>(definition: MetricDefinition<S>): MetricForm<S> {
  return {
    examples: [definition.name],
    read: (name) => (name === definition.name ? definition : undefined),
  }
}

/** A metric with parameters: `build` gets what the groups of the pattern matched, and may still refuse. */
export function patternForm<S extends Scored>(
  examples: readonly string[],
  pattern: RegExp,
  build: (...parameters: string[]) => MetricDefinition<S> | undefined,
): MetricForm<S> {
  return {
    examples,
    read: (name) => {
      const found = pattern.exec(name)
      return found === null ? undefined : build(...found.slice(1).map((part) => part ?? ''))
    },
  }
}
