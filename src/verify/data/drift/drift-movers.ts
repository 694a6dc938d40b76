// Which values moved, in words a person can act on: `age 60–90: 4 % → 31 %`.
import { type ComparedColumn, totalsOf } from './drift-column.ts'

export interface Mover {
  readonly label: string
  readonly referenceShare: number
  readonly liveShare: number
  /** Its part of the column's PSI. */
  readonly contribution: number
  readonly sentence: string
}

const shown = 3

/** The greatest contributions; what live traffic has more of is told first. Neighbouring numeric bins that moved the same way are told as one range. */
export function moversOf(column: ComparedColumn): Mover[] {
  const movers = rangesOf(column).map((range) => moverOf(column.name, range))
  return movers
    .filter(({ contribution }) => contribution > 0)
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, shown)
    .sort((a, b) => Number(isGrowing(b)) - Number(isGrowing(a)))
}

function isGrowing({ referenceShare, liveShare }: Mover): boolean {
  return liveShare > referenceShare
}

interface Range {
  readonly label: string
  readonly from: number | null
  readonly to: number | null
  readonly referenceShare: number
  readonly liveShare: number
  readonly contribution: number
}

function rangesOf(column: ComparedColumn): Range[] {
  const { referenceRows, liveRows } = totalsOf(column)
  const missing = {
    label: '(missing)',
    reference: column.referenceMissing,
    live: column.liveMissing,
  }
  const single = [...column.bins, missing].map((bin): Range => {
    const [p, q] = [(bin.reference + 0.5) / (referenceRows + 1), (bin.live + 0.5) / (liveRows + 1)]
    return {
      label: bin.label,
      from: ('from' in bin ? bin.from : null) ?? null,
      to: ('to' in bin ? bin.to : null) ?? null,
      referenceShare: bin.reference / Math.max(1, referenceRows),
      liveShare: bin.live / Math.max(1, liveRows),
      contribution: bin.reference + bin.live === 0 ? 0 : (p - q) * Math.log(p / q),
    }
  })
  if (column.kind === 'category') return single
  const [last] = single.slice(-1)
  return [...joined(single.slice(0, -1)), ...(last ? [last] : [])]
}

/** Runs of neighbours whose share went the same way. */
function joined(ranges: readonly Range[]): Range[] {
  const runs: Range[] = []
  for (const range of ranges) {
    const before = runs.at(-1)
    if (before && directionOf(before) === directionOf(range)) {
      runs[runs.length - 1] = {
        from: before.from,
        to: range.to,
        label: rangeLabel(before.from, range.to),
        referenceShare: before.referenceShare + range.referenceShare,
        liveShare: before.liveShare + range.liveShare,
        contribution: before.contribution + range.contribution,
      }
    } else {
      runs.push(range)
    }
  }
  return runs
}

function directionOf(range: Range): number {
  return Math.sign(range.liveShare - range.referenceShare)
}

/** `60–90`, `below 20`, `90 or more`. */
export function rangeLabel(from: number | null, to: number | null): string {
  if (from === null && to === null) return 'any'
  if (from === null) return `below ${shortNumber(to ?? 0)}`
  if (to === null) return `${shortNumber(from)} or more`
  // A bin around one value that many rows share has ends that differ in the last bit only.
  const [low, high] = [shortNumber(from), shortNumber(to)]
  return low === high ? low : `${low}–${high}`
}

/** Whole numbers in full, others with four digits; edges may lie a last bit beside a whole number. */
function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(12))
  return String(Number.isInteger(rounded) ? rounded : Number(value.toPrecision(4)))
}

function moverOf(column: string, range: Range): Mover {
  const { label, referenceShare, liveShare, contribution } = range
  const sentence = `${column} ${label}: ${percent(referenceShare)} → ${percent(liveShare)}`
  return { label, referenceShare, liveShare, contribution, sentence }
}

/** `4 %`; below one per cent with one decimal, so that 0.4 % does not read as nothing. */
export function percent(share: number): string {
  const value = share * 100
  return `${value !== 0 && Math.abs(value) < 1 ? value.toFixed(1) : Math.round(value)} %`
}
