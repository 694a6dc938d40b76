// How good each ranked list is, as histograms over queries a page can draw: bounded in size, no query of anybody.
import {
  ndcgAt,
  type QueryMeasure,
  rankQuery,
  reciprocalRankAt,
  rowsOfQueries,
} from '../../verify/metrics/ranking-metrics.ts'
import type { RankingScored } from '../../verify/metrics/scored.ts'

export interface RankingFigures {
  readonly task: 'ranking'
  readonly queries: number
  /** Queries in which nothing could be found: each is worth 0. */
  readonly hopeless: number
  readonly perQuery: readonly QueryHistogram[]
}

export interface QueryHistogram {
  readonly name: string
  readonly words: string
  /** Queries by value, in equally wide bins from 0 to 1; those in which nothing could be found left out. */
  readonly counts: readonly number[]
}

const bins = 20

const measures: readonly (readonly [name: string, words: string, measure: QueryMeasure])[] = [
  ['ndcg@10', 'NDCG@10 of a query', ndcgAt(10, 'linear')],
  ['mrr', 'reciprocal rank of the first relevant item', reciprocalRankAt(Number.POSITIVE_INFINITY)],
]

export function rankingFigures(scored: RankingScored): RankingFigures {
  const ranked = rowsOfQueries(scored).map((rows) => rankQuery(scored, rows))
  const hopeful = ranked.filter(({ ideal }) => (ideal[0] ?? 0) > 0)
  return {
    task: 'ranking',
    queries: ranked.length,
    hopeless: ranked.length - hopeful.length,
    perQuery: measures.map(([name, words, measure]) => {
      const counts = new Array<number>(bins).fill(0)
      for (const query of hopeful) {
        const at = Math.min(bins - 1, Math.max(0, Math.floor(measure(query) * bins)))
        counts[at] = (counts[at] ?? 0) + 1
      }
      return { name, words, counts }
    }),
  }
}
