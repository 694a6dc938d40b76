// The ROC AUC of weighted rows, or of rows that belong together: what each row adds to its error, summed by unit (DeLong's
// placements; clusters as in Obuchowski 1997). No resampling, in O(n log n).
import { round12 } from './bootstrap.ts'
import { descendingOrder } from './rank-rows.ts'
import type { UnitKind, Units } from './units.ts'

export interface AucRows {
  readonly labels: Uint8Array
  readonly weights?: Float64Array | undefined
  readonly units: Units
}

/** Plain JSON. */
export interface AucByUnit {
  readonly auc: number
  readonly se: number
  readonly positives: number
  readonly negatives: number
  readonly unit: UnitKind
  /** Units with a row of the class that fewer of them have. */
  readonly units: number
}

/** Undefined with fewer than two units of either class. */
export function aucByUnit(rows: AucRows, scores: Float64Array): AucByUnit | undefined {
  const classes = countClasses(rows)
  if (classes === undefined) return undefined
  const { auc, influence } = aucInfluence(rows, scores)
  return { auc: round12(auc), se: errorOf(influence, rows.units), ...classes }
}

export type AucPairByUnit = AucByUnit & { readonly reference: number }

/** Of auc − factor × reference. */
export function aucPairByUnit(
  rows: AucRows,
  scores: Float64Array,
  reference: { readonly scores: Float64Array; readonly factor: number },
): AucPairByUnit | undefined {
  const classes = countClasses(rows)
  if (classes === undefined) return undefined
  const own = aucInfluence(rows, scores)
  const other = aucInfluence(rows, reference.scores)
  const difference = own.influence.map(
    (value, row) => value - reference.factor * (other.influence[row] ?? 0),
  )
  const se = errorOf(difference, rows.units)
  return { auc: round12(own.auc), reference: round12(other.auc), se, ...classes }
}

/** Each row's term of auc − truth, to first order; they add up to 0. */
function aucInfluence(
  { labels, weights }: AucRows,
  scores: Float64Array,
): { readonly auc: number; readonly influence: Float64Array } {
  const order = descendingOrder(scores)
  const weightOf = (row: number) => weights?.[row] ?? 1
  let positives = 0
  let negatives = 0
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 1) positives += weightOf(row)
    else negatives += weightOf(row)
  }
  const placement = new Float64Array(labels.length)
  let positivesAbove = 0
  let negativesAbove = 0
  let auc = 0
  for (let from = 0; from < order.length; ) {
    const score = scores[order[from] ?? 0]
    let tiedPositives = 0
    let tiedNegatives = 0
    let to = from
    while (to < order.length && scores[order[to] ?? 0] === score) {
      const row = order[to++] ?? 0
      if (labels[row] === 1) tiedPositives += weightOf(row)
      else tiedNegatives += weightOf(row)
    }
    const beaten = (negatives - negativesAbove - tiedNegatives / 2) / negatives
    const beatenBy = (positivesAbove + tiedPositives / 2) / positives
    auc += (tiedPositives * beaten) / positives
    for (let at = from; at < to; at++) {
      const row = order[at] ?? 0
      placement[row] = labels[row] === 1 ? beaten : beatenBy
    }
    positivesAbove += tiedPositives
    negativesAbove += tiedNegatives
    from = to
  }
  const influence = placement.map(
    (value, row) => (weightOf(row) * (value - auc)) / (labels[row] === 1 ? positives : negatives),
  )
  return { auc, influence }
}

function errorOf(influence: Float64Array, { ofRow, count }: Units): number {
  const sums = new Float64Array(count)
  for (let row = 0; row < influence.length; row++) {
    const unit = ofRow === null ? row : (ofRow[row] ?? 0)
    sums[unit] = (sums[unit] ?? 0) + (influence[row] ?? 0)
  }
  let squares = 0
  for (const sum of sums) squares += sum * sum
  return round12(Math.sqrt((count / Math.max(1, count - 1)) * squares))
}

/** Rows that weigh anything, by class, and the units they stand in. */
function countClasses({ labels, weights, units }: AucRows) {
  const rows = [0, 0] as [number, number]
  const seen = [new Uint8Array(units.count), new Uint8Array(units.count)] as const
  for (let row = 0; row < labels.length; row++) {
    if (weights?.[row] === 0) continue
    const label = labels[row] === 1 ? 1 : 0
    rows[label]++
    seen[label][units.ofRow === null ? row : (units.ofRow[row] ?? 0)] = 1
  }
  const [without, having] = seen.map((one) => one.reduce((sum, is) => sum + is, 0))
  const scarcer = Math.min(without ?? 0, having ?? 0)
  if (scarcer < 2) return undefined
  return { positives: rows[1], negatives: rows[0], unit: units.kind, units: scarcer }
}
