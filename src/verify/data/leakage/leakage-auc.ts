// The area under the curve from counts of groups of equal values, with its variance and with what a coarse grouping leaves open. Pure.

export interface ScoreGroup {
  readonly positives: number
  readonly negatives: number
}

export interface GroupedAuc {
  readonly positives: number
  readonly negatives: number
  readonly auc: number
  readonly variance: number
  /** Pairs inside one group may stand either way round when the group is a bin of different values. */
  readonly within: number
}

/** Groups in rising order of the score; undefined with one class only. Ties count one half (Mann-Whitney). */
export function aucOfGroups(groups: readonly ScoreGroup[]): GroupedAuc | undefined {
  let positives = 0
  let negatives = 0
  for (const group of groups) {
    positives += group.positives
    negatives += group.negatives
  }
  if (positives === 0 || negatives === 0) return undefined
  let below = 0
  let above = positives
  const sums = { wins: 0, winSquares: 0, lossSquares: 0 }
  let inside = 0
  for (const { positives: p, negatives: n } of groups) {
    above -= p
    const beaten = 2 * below + n
    const beating = 2 * above + p
    sums.wins += p * beaten
    sums.winSquares += p * beaten * beaten
    sums.lossSquares += n * beating * beating
    inside += p * n
    below += n
  }
  const within = inside / (2 * positives * negatives)
  return { ...aucOfSums({ positives, negatives, ...sums }), within }
}

export interface AucSums extends ScoreGroup {
  /** Σ over positives of twice the negatives below plus those beside. */
  readonly wins: number
  readonly winSquares: number
  /** The same of positives above, over negatives. */
  readonly lossSquares: number
}

/** DeLong, DeLong & Clarke-Pearson (1988) by the placements of each group. */
export function aucOfSums({
  positives,
  negatives,
  wins,
  winSquares,
  lossSquares,
}: AucSums): Omit<GroupedAuc, 'within'> {
  const auc = wins / (2 * positives * negatives)
  const spread = (squares: number, own: number, other: number) =>
    own < 2 ? 0 : Math.max(0, squares / (4 * other * other) - own * auc * auc) / (own - 1)
  const variance =
    spread(winSquares, positives, negatives) / positives +
    spread(lossSquares, negatives, positives) / negatives
  return {
    positives,
    negatives,
    auc: Number(auc.toPrecision(12)),
    variance: Number(variance.toPrecision(9)),
  }
}
