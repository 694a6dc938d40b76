// The metrics of a ranking model, by name: means over queries, each query counting once however many items it showed. Queries
// without a relevant item count 0, as in scikit-learn: nothing could be found in them.
import {
  type MetricDefinition,
  type MetricForm,
  type MetricTable,
  patternForm,
} from './metric-definition.ts'
import {
  averagePrecisionAt,
  hitAt,
  ndcgAt,
  precisionAt,
  type QueryMeasure,
  rankQuery,
  recallAt,
  reciprocalRankAt,
  rowsOfQueries,
} from './ranking-metrics.ts'
import type { RankingScored } from './scored.ts'

const noCut = Number.POSITIVE_INFINITY

/** `cut`: whether the metric needs an @k, or may go without. */
function cutForm(
  name: string,
  cut: 'always' | 'optional',
  words: string,
  measureAt: (k: number) => QueryMeasure,
): MetricForm<RankingScored> {
  const pattern = new RegExp(`^${name}${cut === 'always' ? '@(\\d+)' : '(?:@(\\d+))?'}$`)
  const examples = cut === 'always' ? [`${name}@10`] : [`${name}@10`, name]
  return patternForm(examples, pattern, (digits) => {
    const k = digits === undefined || digits === '' ? noCut : Number(digits)
    if (k < 1 || (k !== noCut && !Number.isSafeInteger(k))) return undefined
    const suffix = k === noCut ? '' : `@${k}`
    return perQuery({ name: name + suffix, words: words + suffix }, measureAt(k))
  })
}

function perQuery(
  { name, words }: { readonly name: string; readonly words: string },
  measure: QueryMeasure,
): MetricDefinition<RankingScored> {
  const valuesOf = (scored: RankingScored) =>
    rowsOfQueries(scored).map((rows) => measure(rankQuery(scored, rows)))
  return {
    name,
    words,
    counted: 'queries',
    needs: 'a query with a relevant item',
    better: 'higher',
    range: [0, 1],
    shape: 'resampled',
    prepare: (scored) => {
      const queries = rowsOfQueries(scored)
      const values = valuesOf(scored)
      const hasRelevant = queries.map((rows) => rows.some((row) => (scored.labels[row] ?? 0) > 0))
      return (weights) => {
        let sum = 0
        let total = 0
        let isDefined = false
        for (const [at, rows] of queries.entries()) {
          // Rows of one query are drawn together and weigh the same; where they do not, the query weighs their mean.
          let weight = 0
          for (const row of rows) weight += weights[row] ?? 0
          weight /= rows.length
          if (weight === 0) continue
          sum += weight * (values[at] ?? 0)
          total += weight
          isDefined ||= hasRelevant[at] === true
        }
        return isDefined ? sum / total : undefined
      }
    },
    support: (scored) => rowsOfQueries(scored).length,
    compatValue: () => 0,
    fault: ({ labels }) => {
      const row = labels.findIndex((label) => !(label >= 0))
      return row < 0
        ? undefined
        : `row ${row} of the holdout has the relevance ${labels[row]}; relevance is 0 or more`
    },
  }
}

export const rankingMetrics: MetricTable<RankingScored> = {
  forms: [
    cutForm('ndcg', 'optional', 'NDCG', (k) => ndcgAt(k, 'linear')),
    cutForm('ndcg_exp', 'optional', 'NDCG with gain 2^relevance − 1', (k) =>
      ndcgAt(k, 'exponential'),
    ),
    cutForm('map', 'optional', 'mean average precision', averagePrecisionAt),
    cutForm('mrr', 'optional', 'mean reciprocal rank', reciprocalRankAt),
    cutForm('recall', 'always', 'share of relevant items found', recallAt),
    cutForm('precision', 'always', 'share of relevant items shown', precisionAt),
    cutForm('hit', 'always', 'share of queries with a hit', hitAt),
  ],
  aliases: {},
}
