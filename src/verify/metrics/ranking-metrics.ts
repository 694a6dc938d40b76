// How good one ranked list is. Items of equal score stand in no order, so each measure is its mean over every order they
// could have (McSherry & Najork 2008, "Computing Information Retrieval Performance Measures Efficiently in the Presence of
// Tied Scores"): the number does not depend on the order of the rows. Relevant is a label above 0.
import type { RankingScored } from './scored.ts'

/** Items of one score, from the highest score down. */
export interface TieGroup {
  /** Ranks `before + 1` to `before + size`. */
  readonly before: number
  readonly size: number
  readonly relevant: number
  /** Among all items of higher score. */
  readonly relevantBefore: number
  /** Mean of the linear gain (the label) and of 2^label − 1. */
  readonly gain: number
  readonly exponentialGain: number
}

export interface RankedQuery {
  readonly relevant: number
  readonly groups: readonly TieGroup[]
  /** Labels from the best down: what an ideal ranking would show. */
  readonly ideal: Float64Array
}

/** Of one query; a query without a relevant item is worth 0. */
export type QueryMeasure = (query: RankedQuery) => number

/** Row numbers of every query, queries in the order of their first row. */
export function rowsOfQueries({ queries }: Pick<RankingScored, 'queries'>): readonly number[][] {
  const found = new Map<number, number[]>()
  for (let row = 0; row < queries.length; row++) {
    const query = queries[row] ?? 0
    const rows = found.get(query)
    if (rows === undefined) found.set(query, [row])
    else rows.push(row)
  }
  return [...found.values()]
}

export function rankQuery({ labels, scores }: RankingScored, rows: readonly number[]): RankedQuery {
  const order = [...rows].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0))
  const groups: TieGroup[] = []
  let relevantBefore = 0
  for (let from = 0; from < order.length; ) {
    const score = scores[order[from] ?? 0]
    let to = from
    let relevant = 0
    let gain = 0
    let exponentialGain = 0
    for (; to < order.length && scores[order[to] ?? 0] === score; to++) {
      const label = labels[order[to] ?? 0] ?? 0
      if (label > 0) relevant++
      gain += label
      exponentialGain += 2 ** label - 1
    }
    const size = to - from
    groups.push({
      ...{ before: from, size, relevant, relevantBefore },
      ...{ gain: gain / size, exponentialGain: exponentialGain / size },
    })
    relevantBefore += relevant
    // A score that is no number equals nothing, not even itself.
    from = Math.max(to, from + 1)
  }
  const ideal = Float64Array.from(rows, (row) => labels[row] ?? 0).sort((a, b) => b - a)
  return { relevant: relevantBefore, groups, ideal }
}

/** Discounted cumulative gain over that of the ideal order; rank r counts 1 / log2(1 + r). */
export function ndcgAt(k: number, gain: 'linear' | 'exponential'): QueryMeasure {
  return ({ groups, ideal }) => {
    let own = 0
    for (const group of groups) {
      if (group.before >= k) break
      const mean = gain === 'linear' ? group.gain : group.exponentialGain
      own += mean * discounts(group.before, Math.min(k, group.before + group.size))
    }
    let best = 0
    for (let rank = 0; rank < Math.min(k, ideal.length); rank++) {
      const label = ideal[rank] ?? 0
      best += (gain === 'linear' ? label : 2 ** label - 1) / Math.log2(rank + 2)
    }
    return best === 0 ? 0 : own / best
  }
}

function discounts(from: number, to: number): number {
  let sum = 0
  for (let rank = from; rank < to; rank++) sum += 1 / Math.log2(rank + 2)
  return sum
}

/** Relevant items expected among the first k. */
function foundAt(k: number, { groups }: RankedQuery): number {
  let found = 0
  for (const { before, size, relevant } of groups) {
    if (before >= k) break
    found += (relevant * Math.min(size, k - before)) / size
  }
  return found
}

/** Relevant among the first k over k, also where fewer than k items were shown (trec_eval). */
export function precisionAt(k: number): QueryMeasure {
  return (query) => foundAt(k, query) / k
}

export function recallAt(k: number): QueryMeasure {
  return (query) => (query.relevant === 0 ? 0 : foundAt(k, query) / query.relevant)
}

/** Whether anything relevant is among the first k. */
export function hitAt(k: number): QueryMeasure {
  return ({ groups }) => {
    for (const { before, size, relevant } of groups) {
      if (before >= k) return 0
      if (relevant === 0) continue
      const shown = Math.min(size, k - before)
      // Nothing relevant shown: all `shown` places taken by the others of the group, one after the other.
      let none = 1
      for (let place = 0; place < shown && none > 0; place++)
        none *= (size - relevant - place) / (size - place)
      return 1 - Math.max(0, none)
    }
    return 0
  }
}

/** One over the rank of the first relevant item, 0 where it is beyond k. */
export function reciprocalRankAt(k: number): QueryMeasure {
  return ({ groups }) => {
    for (const { before, size, relevant } of groups) {
      if (before >= k) return 0
      if (relevant === 0) continue
      let value = 0
      let noneYet = 1
      for (let place = 0; place < size && before + place < k && noneYet > 0; place++) {
        const here = relevant / (size - place)
        value += (noneYet * Math.min(1, here)) / (before + place + 1)
        noneYet *= 1 - Math.min(1, here)
      }
      return value
    }
    return 0
  }
}

/** Mean over the relevant items, at most k of them, of the precision at their rank; ranks beyond k count nothing. */
export function averagePrecisionAt(k: number): QueryMeasure {
  return ({ groups, relevant: all }) => {
    if (all === 0) return 0
    let sum = 0
    for (const { before, size, relevant, relevantBefore } of groups) {
      if (before >= k) break
      const others = size > 1 ? (relevant - 1) / (size - 1) : 0
      for (let place = 0; place < size && before + place < k; place++) {
        const expected = relevantBefore + 1 + place * others
        sum += ((relevant / size) * expected) / (before + place + 1)
      }
    }
    return sum / Math.min(all, k)
  }
}
