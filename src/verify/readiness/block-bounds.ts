// Bounds from blocks of time: answers that follow each other share the machine's mood, so whole blocks are drawn again and
// not single requests (moving a bootstrap to blocks: Künsch 1989; here they do not overlap).
import { randomStream } from '../../foundation/random.ts'
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

/** Answers per second, from the answers of every block of the same length. Undefined with too few blocks. */
export function boundRate(
  answered: readonly number[],
  blockMs: number,
  confidence: number,
): BlockBounds | undefined {
  const total = (blocks: readonly number[]) => blocks.reduce((sum, one) => sum + one, 0)
  const rate = (blocks: readonly number[]) => (total(blocks) * 1000) / (blocks.length * blockMs)
  return boundBlocks(answered, rate, confidence)
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
  const of = (drawn: readonly PairedBlock[], side: keyof PairedBlock) =>
    quantileOf(joined(drawn.map((block) => block[side])), quantile)
  const ratio = (drawn: readonly PairedBlock[]) => of(drawn, 'own') / of(drawn, 'reference')
  const bounds = boundBlocks(blocks, ratio, confidence)
  if (bounds === undefined) return undefined
  return { ...bounds, own: of(blocks, 'own'), reference: of(blocks, 'reference') }
}

/**
 * One-sided percentile bounds of any number computed from whole blocks. A dozen blocks know their own spread badly, so the distance
 * of a bound from the estimate is widened as Student's t is wider than the normal: without it 95 % would be 92 %.
 */
function boundBlocks<B>(
  blocks: readonly B[],
  compute: (drawn: readonly B[]) => number,
  confidence: number,
): BlockBounds | undefined {
  const count = blocks.length
  if (count < fewestBlocks) return undefined
  const estimate = compute(blocks)
  if (Number.isNaN(estimate)) return undefined
  const random = randomStream(blockDefaults.seed, 'blocks')
  const values = new Float64Array(blockDefaults.replicates)
  for (let replicate = 0; replicate < values.length; replicate++) {
    const drawn: B[] = []
    for (let at = 0; at < count; at++) {
      const block = blocks[random.below(count)]
      if (block !== undefined) drawn.push(block)
    }
    values[replicate] = compute(drawn)
  }
  values.sort()
  const at = (share: number) =>
    values[Math.min(values.length - 1, Math.max(0, Math.floor(share * values.length)))] ?? estimate
  const wider =
    (studentQuantile(confidence, count - 1) / normalQuantile(confidence)) *
    Math.sqrt(count / (count - 1))
  const widened = (value: number) =>
    // A replicate without a finite value (nothing was answered in its blocks) stays what it is.
    Number.isFinite(value) ? Math.max(0, estimate + wider * (value - estimate)) : value
  return { estimate, lower: widened(at(1 - confidence)), upper: widened(at(confidence)) }
}

/** The value of rank ⌈q n⌉ of values that may be sorted in place. */
function quantileOf(values: Float64Array, quantile: number): number {
  const rank = Math.ceil(Number((quantile * values.length).toPrecision(12)))
  return values.sort()[Math.max(1, rank) - 1] ?? Number.NaN
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
