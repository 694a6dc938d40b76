// Many columns, one promise: at most this share of the columns called drifted are false calls.

/**
 * Benjamini-Hochberg adjusted p-values, in the order given: a column is called when its value is at most the wanted
 * false-discovery rate (Benjamini & Hochberg 1995; equal to scipy.stats.false_discovery_control).
 */
export function adjustedPValues(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).sort((a, b) => (pValues[b] ?? 0) - (pValues[a] ?? 0))
  const adjusted = pValues.map(() => 1)
  let least = 1
  for (const [from, at] of order.entries()) {
    const rank = pValues.length - from
    least = Math.min(least, ((pValues[at] ?? 1) * pValues.length) / rank)
    adjusted[at] = least
  }
  return adjusted
}
