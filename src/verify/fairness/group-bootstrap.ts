// Bounds for differences between groups of any metric: rows (or whole entities) are drawn with replacement, every
// difference is divided by its standard error, and the largest over all comparisons says how wide all bounds must be to
// hold together. A plain bootstrap of max − min never covers equality (gates.md 3.4).
import { randomStream } from '../../foundation/random.ts'
import type { Metric } from '../metrics/metric.ts'
import { type Scored, selectRows } from '../metrics/scored.ts'
import type { ComparisonQuestion } from './comparisons.ts'
import type { GroupPanel } from './group-panels.ts'
import {
  type ComparedGroups,
  isValue,
  type MeasuredPanel,
  type ResampledComparisons,
} from './group-statistics.ts'
import { type Compared, compareDraws, settleComparisons, type Unit, unitSe } from './max-t.ts'
import { type Draw, entitiesOf, ofDraws } from './resampled-values.ts'

export interface GroupsToMeasure extends ComparisonQuestion {
  readonly scored: Scored
  readonly metrics: readonly Metric[]
  readonly panels: readonly GroupPanel[]
  readonly confidence: number
  /** Default: by the number of rows. */
  readonly replicates?: number
}

const seed = 'lockstep'

/** Fewer on many rows: a gate stays within seconds, and the quantile is good to a few percent either way. */
function replicatesFor(rows: number): number {
  return rows <= 20_000 ? 1000 : 500
}

export function compareByResampling(
  request: GroupsToMeasure,
  panels: readonly MeasuredPanel[],
  compared: readonly ComparedGroups[],
): Resampled {
  const { confidence, scored, aggregate } = request
  const replicates = request.replicates ?? replicatesFor(scored.labels.length)
  const { units, comparisons } = unitsOf(request, panels, compared)
  const once = new Uint16Array(scored.labels.length).fill(1)
  const observed = units.map((unit) => unit.draw(once))
  const draws = units.map((): Draw[] => [])
  overReplicates(scored, replicates, (multiplicities) => {
    for (const [at, unit] of units.entries()) draws[at]?.push(unit.draw(multiplicities))
  })
  const ses = units.map((unit, at) => unitSe(unit, observed[at], draws[at] ?? []))
  const drawn = { aggregate, units, observed, draws, ses }
  const replicated = comparisons.map((one) => compareDraws(drawn, one))
  // A bound on one value is one-sided at the confidence: |T| at twice the error.
  const level = isValue(aggregate) ? 2 * confidence - 1 : confidence
  const settled = settleComparisons(replicated, level)
  return {
    resampled: { confidence, replicates, seed, comparisons: settled },
    seOf: (panel, metric, group) => {
      const at = units.findIndex(
        ({ of }) => of.panel === panel && of.metric === metric && of.group === group,
      )
      const se = ses[at] ?? 0
      return se > 0 ? Number(se.toPrecision(12)) : undefined
    },
  }
}

export interface Resampled {
  readonly resampled: ResampledComparisons
  /** Standard error of one group's own value; undefined where it was not resampled. */
  readonly seOf: (panel: number, metric: number, group: number) => number | undefined
}

/** Every value that some comparison needs, prepared once. */
function unitsOf(
  { scored, metrics, panels: rowsOf, aggregate }: GroupsToMeasure,
  panels: readonly MeasuredPanel[],
  compared: readonly ComparedGroups[],
): { readonly units: readonly Unit[]; readonly comparisons: readonly Compared[] } {
  const units: Unit[] = []
  const known = new Map<string, number>()
  const unitOf = (panel: number, metric: number, group: number | null) => {
    const key = `${panel} ${metric} ${group}`
    const before = known.get(key)
    if (before !== undefined) return before
    const asked = metrics[metric]
    const rows = rowsIn(rowsOf[panel], group)
    const measured = group === null ? panels[panel]?.overall : panels[panel]?.groups[group]
    if (asked !== undefined) {
      units.push({
        of: { panel, metric, group },
        draw: ofDraws(asked, scored, rows),
        support: measured?.values[metric]?.trials ?? 0,
        entities: entitiesOf(selectRows(scored, rows)).count,
        range: asked.range,
      })
    }
    known.set(key, units.length - 1)
    return units.length - 1
  }
  const comparisons = compared.map((one): Compared => {
    const { panel, metric, group, other } = one
    const second = isValue(aggregate) ? null : unitOf(panel, metric, other)
    return { ...one, first: unitOf(panel, metric, group), second, isNested: other === null }
  })
  return { units, comparisons }
}

function rowsIn(panel: GroupPanel | undefined, group: number | null): Uint32Array {
  const rows = group === null ? panel?.rows : panel?.groups[group]?.rows
  return rows ?? new Uint32Array()
}

/** Visits every replicate with how often each row was drawn; rows of one entity are drawn together. */
function overReplicates(
  scored: Scored,
  replicates: number,
  visit: (multiplicities: Uint16Array) => void,
): void {
  const random = randomStream(seed, 'fairness')
  const entities = entitiesOf(scored)
  const drawn = new Uint16Array(entities.count)
  const isPlain = entities.count === scored.labels.length && scored.rowKeys === undefined
  const multiplicities = isPlain ? drawn : new Uint16Array(scored.labels.length)
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0)
    for (let draw = 0; draw < entities.count; draw++) {
      const entity = random.below(entities.count)
      drawn[entity] = (drawn[entity] ?? 0) + 1
    }
    if (!isPlain) {
      for (let row = 0; row < multiplicities.length; row++) {
        multiplicities[row] = drawn[entities.of[row] ?? 0] ?? 0
      }
    }
    visit(multiplicities)
  }
}
