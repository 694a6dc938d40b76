// Bounds from blocks of time: answers that follow each other share the machine's mood, so whole blocks are drawn again and
// not single requests (moving a bootstrap to blocks: Künsch 1989; here they do not overlap).
import { randomStream } from '../../foundation/random.ts'
import { momentsOf } from '../metrics/metric-statistics.ts'
import { aroundSkewed } from '../metrics/skewed-mean.ts'
import { studentQuantile } from '../statistics/distributions.ts'
import { normalQuantile } from '../statistics/special-functions.ts'

export interface BlockBounds {
  readonly estimate: number
  readonly lower: number
  readonly upper: number
}

export const blockDefaults = { replicates: 2000, seed: 'lockstep' } as const

/** Fewer blocks say too little about how much they differ: with six, one replicate in 46,656 repeats a single block. */
export const fewestBlocks = 6

/**
 * Answers per second, from the answers of every block of the same length: the mean of the blocks with its skewness corrected, for a
 * machine that stalls has a long tail of slow blocks. Drawing the blocks again, which does not know of tails, let a machine at its
 * limit through in 11 of 100 measurements. Undefined with too few blocks.
 */
export function boundRate(
  answered: readonly number[],
  blockMs: number,
  confidence: number,
): BlockBounds | undefined {
  if (answered.length < fewestBlocks) return undefined
  const perSecond = Float64Array.from(answered, (count) => (count * 1000) / blockMs)
  const { mean, sd, n, ...shape } = momentsOf(perSecond)
  const error = { se: sd / Math.sqrt(n), units: n, ...shape }
  const { lower, upper } = aroundSkewed(mean, error, normalQuantile(confidence))
  return { estimate: mean, lower: Math.max(0, lower), upper }
}

/** Latencies of both sides in one pair of neighbouring blocks; an infinite one was never answered. */
export interface PairedBlock {
  readonly own: Float64Array
  readonly reference: Float64Array
}

/** The ratio own ÷ reference of a quantile of latency. Undefined with too few blocks or where it is not a number. */
export function boundQuantileRatio(
  blocks: readonly PairedBlock[],
  quantile: number,
  confidence: number,
): (BlockBounds & { readonly own: number; readonly reference: number }) | undefined {
  const own = pooledQuantile(
    blocks.map((block) => block.own),
    quantile,
  )
  const reference = pooledQuantile(
    blocks.map((block) => block.reference),
    quantile,
  )
  const bounds = boundBlocks(blocks.length, confidence, (times) => own(times) / reference(times))
  if (bounds === undefined) return undefined
  const once = new Uint16Array(blocks.length).fill(1)
  return { ...bounds, own: own(once), reference: reference(once) }
}

/**
 * One-sided percentile bounds of a ratio computed from how often each block was drawn. A dozen blocks know their own spread badly, so
 * the distance of a bound from the estimate is widened as Student's t is wider than the normal: without it 95 % would be 92 %. It
 * is widened in logarithms, where neither side is longer: twice as slow is as far away as twice as fast.
 */
function boundBlocks(
  count: number,
  confidence: number,
  compute: (times: Uint16Array) => number,
): BlockBounds | undefined {
  if (count < fewestBlocks) return undefined
  const estimate = compute(new Uint16Array(count).fill(1))
  if (Number.isNaN(estimate)) return undefined
  const random = randomStream(blockDefaults.seed, 'blocks')
  const times = new Uint16Array(count)
  const values = Float64Array.from({ length: blockDefaults.replicates }, () => {
    times.fill(0)
    for (let drawn = 0; drawn < count; drawn++) {
      const block = random.below(count)
      times[block] = (times[block] ?? 0) + 1
    }
    return compute(times)
  }).sort()
  const at = (share: number) =>
    values[Math.min(values.length - 1, Math.max(0, Math.floor(share * values.length)))] ?? estimate
  const wider =
    (studentQuantile(confidence, count - 1) / normalQuantile(confidence)) *
    Math.sqrt(count / (count - 1))
  const widened = (value: number) => {
    const far = estimate * (value / estimate) ** wider
    // A replicate without a finite value (nothing was answered in its blocks) stays what it is.
    return Number.isFinite(value) && Number.isFinite(far) ? far : value
  }
  return { estimate, lower: widened(at(1 - confidence)), upper: widened(at(confidence)) }
}

/** The value of rank ⌈q n⌉ of all blocks together, each counted as often as it was drawn: sorted once, then a walk from the top. */
function pooledQuantile(
  blocks: readonly Float64Array[],
  quantile: number,
): (times: Uint16Array) => number {
  const pooled = blocks.flatMap((values, block) =>
    Array.from(values, (value) => ({ value, block })),
  )
  // Infinities are equal to each other and not a number apart.
  pooled.sort((one, other) => (one.value === other.value ? 0 : other.value - one.value))
  return (times) => {
    let total = 0
    for (let block = 0; block < blocks.length; block++)
      total += (times[block] ?? 0) * (blocks[block]?.length ?? 0)
    const rank = Math.max(1, Math.ceil(Number((quantile * total).toPrecision(12))))
    let above = total - rank
    for (const { value, block } of pooled) {
      above -= times[block] ?? 0
      if (above < 0) return value
    }
    return Number.NaN
  }
}
