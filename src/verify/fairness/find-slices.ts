// Where is the model weak? A search over pairs of features on one half of the holdout proposes slices, the other half
// confirms them: what was found by looking is only a hypothesis. Same rows, keys and seed: same answer.
import type { Metric } from '../metrics/metric.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'
import { benjaminiHochberg } from '../statistics/multiplicity.ts'
import { type Candidate, intersection, latticeOf } from './slice-candidates.ts'
import { resolveSlices, type SliceColumns } from './slices.ts'
import { splitHalves } from './split-halves.ts'
import { type Weakness, weaknessOf } from './weakness-test.ts'

export interface SliceSearch {
  readonly scored: Scored
  readonly metric: Metric
  /** The features to look in. */
  readonly columns: SliceColumns
  /** What stays together and keeps its half when rows are added; default: the entity, else the row. */
  readonly keys?: ArrayLike<unknown>
  readonly seed: string
  /** Fewest rows of the metric's denominator, in each half. */
  readonly minSupport: number
  /** Largest expected share of false ones among the confirmed. */
  readonly falseDiscovery: number
  readonly confidence: number
  /** Most hypotheses that are put to the test. */
  readonly most?: number
}

export interface FoundSlice extends Weakness {
  /** Reads as a slice declaration. */
  readonly name: string
  /** Rows of the confirming half. */
  readonly rows: number
  /** p after Benjamini and Hochberg, over all that were tested. */
  readonly adjusted: number
  readonly isConfirmed: boolean
}

export interface SliceFindings {
  /** Confirmed first, then by p; everything that was tested. */
  readonly slices: readonly FoundSlice[]
  /** How many slices the search looked at. */
  readonly searched: number
  readonly searchRows: number
  readonly confirmRows: number
  readonly skipped: readonly { readonly column: string; readonly because: string }[]
}

export function findSlices(search: SliceSearch): SliceFindings {
  const { scored, columns, minSupport, falseDiscovery } = search
  const { first, second } = splitHalves(
    search.keys ?? scored.clusterKeys ?? scored.clusters ?? scored.rowKeys,
    scored.labels.length,
    search.seed,
  )
  const { candidates, skipped } = latticeOf(columns, first, minSupport)
  const tested: Omit<FoundSlice, 'adjusted' | 'isConfirmed'>[] = []
  let left = second
  for (const { name } of propose(search, candidates, first)) {
    const found = confirm(search, name, { half: second, left })
    if (found === undefined) continue
    const { members, ...weakness } = found
    tested.push({ name, ...weakness, rows: members.length })
    left = without(left, members)
  }
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p))
  const slices = tested.map((one, at): FoundSlice => {
    const own = adjusted[at] ?? 1
    return { ...one, adjusted: own, isConfirmed: own <= falseDiscovery }
  })
  return {
    slices: slices.toSorted((a, b) => a.p - b.p),
    searched: candidates.length,
    searchRows: first.length,
    confirmRows: second.length,
    skipped,
  }
}

interface Ranked extends Candidate {
  /** Larger is worse. */
  readonly value: number
  readonly score: number
}

/** Only the worst by a first look are looked at again and again. */
const mostLooks = 200

/** One after the other, each the worst on the rows that those before it left: a slice is not proposed for what a part of it did. */
function propose(
  search: SliceSearch,
  candidates: readonly Candidate[],
  rows: Uint32Array,
): readonly Candidate[] {
  const chosen: Candidate[] = []
  let left = rows
  let open = rank(search, candidates, rows)
  while (chosen.length < (search.most ?? 10)) {
    const [worst] = open
    if (worst === undefined) break
    chosen.push(worst)
    left = without(left, worst.rows)
    const again = open
      .slice(1, mostLooks)
      .map((one) => ({ ...one, rows: intersection(one.rows, left) }))
    open = rank(search, again, left)
  }
  return chosen
}

/** Worse than the rows together and than each of their parts, the worst first. */
function rank(
  { scored, metric, minSupport }: SliceSearch,
  candidates: readonly Candidate[],
  rows: Uint32Array,
): readonly Ranked[] {
  const all = rows.length === 0 ? undefined : metric.value(selectRows(scored, rows))
  if (all === undefined) return []
  const sign = metric.better === 'higher' ? -1 : 1
  const values = new Map<number, number>()
  const ranked = candidates.flatMap((candidate): readonly Ranked[] => {
    if (candidate.rows.length < minSupport) return []
    const own = selectRows(scored, candidate.rows)
    const support = metric.support(own)
    const value = support >= minSupport ? metric.value(own) : undefined
    if (value === undefined) return []
    const [part = 0] = candidate.parts
    if (candidate.parts.length === 1) values.set(part, sign * value)
    const score = sign * (value - all) * Math.sqrt(support)
    return score > 0 ? [{ ...candidate, value: sign * value, score }] : []
  })
  return ranked
    .filter(
      ({ parts, value }) =>
        parts.length === 1 || parts.every((part) => value > (values.get(part) ?? -Infinity)),
    )
    .toSorted((a, b) => b.score - a.score)
}

function without(rows: Uint32Array, taken: Uint32Array): Uint32Array {
  const gone = new Set(taken)
  return rows.filter((row) => !gone.has(row))
}

/** The slice as a whole, its p-value on the rows that those before it left. */
function confirm(
  { scored, metric, columns, minSupport, confidence }: SliceSearch,
  name: string,
  { half, left }: { readonly half: Uint32Array; readonly left: Uint32Array },
): (Weakness & { readonly members: Uint32Array }) | undefined {
  const [slice] = resolveSlices([name], columns, scored.labels.length).slices
  if (slice === undefined) return undefined
  const ask = (of: Uint32Array) => {
    const inside = intersection(slice.rows, of)
    const outside = without(of, inside)
    return weaknessOf({ scored, metric, inside, outside, confidence })
  }
  const whole = ask(half)
  const rest = left.length === half.length ? whole : ask(left)
  if (whole === undefined || rest === undefined || rest.n < minSupport) return undefined
  return { ...whole, p: rest.p, members: intersection(slice.rows, half) }
}
