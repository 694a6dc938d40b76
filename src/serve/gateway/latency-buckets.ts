// Latency on fixed logarithmic edges: counts of different workers and minutes add up, and a quantile is right within 10 %.

const lowestMs = 0.05
const growth = 1.1
const logGrowth = Math.log(growth)

/** Upper edges in milliseconds: 0.05 ms, then 10 % more each, to beyond one minute. The last bucket has no upper edge. */
export const latencyEdgesMs: readonly number[] = Array.from(
  { length: 148 },
  (_, step) => lowestMs * growth ** step,
)

export const latencyBucketCount = latencyEdgesMs.length + 1

/** The bucket whose upper edge is the first at or above `ms`. */
export function latencyBucket(ms: number): number {
  if (ms <= lowestMs) return 0
  const step = Math.ceil(Math.log(ms / lowestMs) / logGrowth - 1e-9)
  return Math.min(step, latencyEdgesMs.length)
}

/** `counts` are pairs of bucket and count. Undefined when there are none. Interpolates nothing: gives the upper edge. */
export function latencyQuantile(
  counts: readonly (readonly [number, number])[],
  quantile: number,
): number | undefined {
  const sorted = [...counts].sort(([a], [b]) => a - b)
  const total = sorted.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [bucket, count] of sorted) {
    seen += count
    if (seen >= quantile * total) return latencyEdgesMs[bucket] ?? latencyEdgesMs.at(-1)
  }
  return undefined
}
