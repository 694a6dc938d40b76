// The multiclass areas under the ROC curve: one class against the rest, and every pair of classes (Hand & Till 2001).
// Both come from one table: how often a row of class k gets more probability of k than a row of class j.
import { rarestClass, sumOfOthers } from './class-confusion.ts'
import type { RowWeights } from './curves.ts'
import { type MetricDefinition, type MetricForm, plainForm } from './metric-definition.ts'
import { faultOfDistributions } from './multiclass-probabilities.ts'
import { type MulticlassScored, rankRows } from './scored.ts'

interface ClassWins {
  readonly width: number
  /** `wins[k * width + j]`: weight of the pairs that class k wins against class j by the score of k, ties half. */
  readonly wins: Float64Array
  readonly truths: Float64Array
  readonly total: number
}

type Measure = (wins: ClassWins) => number | undefined

const oneVersusRest = areaForm(
  { name: 'roc_auc_ovr', words: 'ROC AUC, mean of each class against the rest' },
  (wins) => {
    let sum = 0
    for (const area of restAreas(wins)) {
      if (area === undefined) return undefined
      sum += area
    }
    return sum / wins.width
  },
)

/** A class without rows has no weight in it; the others must be two. */
const oneVersusRestWeighted = areaForm(
  {
    name: 'roc_auc_ovr_weighted',
    words: 'ROC AUC, mean of each class against the rest by its rows',
    needs: 'rows of two classes',
  },
  (wins) => {
    let sum: number | undefined
    for (const [at, area] of restAreas(wins).entries()) {
      if (area !== undefined) sum = (sum ?? 0) + area * ((wins.truths[at] ?? 0) / wins.total)
    }
    return sum
  },
)

const oneVersusOne = areaForm(
  { name: 'roc_auc_ovo', words: 'ROC AUC, mean over pairs of classes' },
  ({ width, wins, truths }) => {
    let sum = 0
    let pairs = 0
    for (let one = 0; one < width; one++) {
      for (let other = one + 1; other < width; other++) {
        const weight = (truths[one] ?? 0) * (truths[other] ?? 0)
        if (weight === 0) return undefined
        const both = (wins[one * width + other] ?? 0) + (wins[other * width + one] ?? 0)
        sum += both / weight / 2
        pairs++
      }
    }
    return pairs > 0 ? sum / pairs : undefined
  },
)

export const areaForms: readonly MetricForm<MulticlassScored>[] = [
  oneVersusRest,
  oneVersusRestWeighted,
  oneVersusOne,
]

function areaForm(
  named: Pick<MetricDefinition<MulticlassScored>, 'name' | 'words'> & { readonly needs?: string },
  measure: Measure,
): MetricForm<MulticlassScored> {
  return plainForm({
    ...{ counted: 'rows of the rarest class', needs: 'rows of every class' },
    ...named,
    ...{ better: 'higher', range: [0, 1], shape: 'resampled' },
    support: rarestClass,
    fault: faultOfDistributions,
    prepare: (scored) => {
      const winsOf = classWinsOf(scored)
      return (weights) => measure(winsOf(weights))
    },
    compatValue: () => Number.NaN,
  })
}

/** The area of each class against all others; undefined for one that has no rows, or all of them. */
function restAreas({ width, wins, truths }: ClassWins): (number | undefined)[] {
  const others = sumOfOthers(truths)
  return Array.from(truths, (own, one) => {
    const rest = others[one] ?? 0
    if (own <= 0 || rest <= 0) return undefined
    let sum = 0
    for (let other = 0; other < width; other++) {
      if (other !== one) sum += wins[one * width + other] ?? 0
    }
    return sum / (own * rest)
  })
}

function classWinsOf(scored: MulticlassScored): (weights: RowWeights) => ClassWins {
  const { classes, labels } = scored
  const width = classes.length
  const columns = classes.map((_, at) => rankColumn(scored, at))
  return (weights) => {
    const wins = new Float64Array(width * width)
    const truths = new Float64Array(width)
    let total = 0
    for (const [row, label] of labels.entries()) {
      truths[label] = (truths[label] ?? 0) + (weights[row] ?? 0)
      total += weights[row] ?? 0
    }
    for (const [at, column] of columns.entries()) {
      addWins(column, {
        labels,
        weights,
        own: at,
        into: wins.subarray(at * width, (at + 1) * width),
      })
    }
    return { width, wins, truths, total }
  }
}

interface RankedColumn {
  readonly order: Uint32Array
  /** Where each run of equal scores ends in `order`. */
  readonly ends: Uint32Array
}

function rankColumn({ classes, labels, scores }: MulticlassScored, at: number): RankedColumn {
  const width = classes.length
  const column = Float64Array.from(labels, (_, row) => scores[row * width + at] ?? Number.NaN)
  const order = rankRows(column)
  const ends: number[] = []
  for (let place = 1; place <= order.length; place++) {
    const before = column[order[place - 1] ?? 0]
    if (place === order.length || column[order[place] ?? 0] !== before) ends.push(place)
  }
  return { order, ends: Uint32Array.from(ends) }
}

function addWins(
  { order, ends }: RankedColumn,
  given: {
    readonly labels: Uint32Array
    readonly weights: RowWeights
    readonly own: number
    readonly into: Float64Array
  },
): void {
  const { labels, weights, own, into } = given
  let above = 0
  let from = 0
  for (const end of ends) {
    let tied = 0
    for (let place = from; place < end; place++) {
      const row = order[place] ?? 0
      if (labels[row] === own) tied += weights[row] ?? 0
    }
    for (let place = from; place < end; place++) {
      const row = order[place] ?? 0
      const label = labels[row] ?? 0
      if (label !== own) into[label] = (into[label] ?? 0) + (weights[row] ?? 0) * (above + tied / 2)
    }
    above += tied
    from = end
  }
}
