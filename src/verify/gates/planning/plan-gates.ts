// Before training is paid for: which checks this holdout can decide, how small a difference it shows, and how many rows it lacks.
// Spread is taken from the last time the check was judged, or from a textbook formula where it never was.
import type { GateDefaults, GateSpec } from '../../../project/gate-spec.ts'
import type { Task } from '../../../project/project-spec.ts'
import { formatCount, formatRate } from '../../statistics/number-words.ts'
import {
  type Assurance,
  detectable,
  plannedAucError,
  plannedAucPairError,
  powerOf,
  rowsToDetect,
} from '../../statistics/power.ts'
import { oneSidedZ } from '../../statistics/proportion-bounds.ts'
import type { CheckResult } from '../check-result.ts'
import { type CheckSpec, hasProblems } from '../check-spec.ts'
import type { EvidenceDocument } from '../evidence-document.ts'
import { parseCheck } from '../language/parse-check.ts'
import { writtenCheck } from '../language/written-check.ts'
import { type PlannedGroup, planGap } from './plan-gap.ts'
import type { Outlook, PlannedCheck } from './planned-check.ts'

export interface HoldoutCounts {
  readonly rows: number
  /** Rows with label 1; null for other tasks than binary. */
  readonly positives: number | null
  /** By declared group column. */
  readonly groups: ReadonlyMap<string, readonly PlannedGroup[]>
}

export interface PlanQuestion {
  readonly gates: readonly GateSpec[]
  readonly defaults: GateDefaults
  readonly task: Task
  /** Null while no holdout exists yet. */
  readonly holdout: HoldoutCounts | null
  /** Evidence of the last run whose model was judged. */
  readonly earlier: EvidenceDocument | null
}

export function planGates(question: PlanQuestion): readonly PlannedCheck[] {
  return question.gates.flatMap((gate) =>
    gate.checks.map(({ text, options }): PlannedCheck => {
      const parsed = parseCheck(text, options)
      const written = writtenCheck({ text, options })
      if (hasProblems(parsed)) {
        const because = parsed.problems.map(({ message }) => message).join('; ')
        return { ...named(gate.name, written, written), ...unknown(because) }
      }
      return { ...named(gate.name, parsed.id, written), ...planCheck(parsed, question) }
    }),
  )
}

function planCheck(spec: CheckSpec, question: PlanQuestion): Outlook {
  if (spec.kind === 'drop' || spec.kind === 'recipe')
    return fromEarlier(spec, question) ?? unknown('its spread is known after the first run')
  if (spec.kind !== 'metric' && spec.kind !== 'gap') return exact
  if (spec.kind === 'metric' && spec.each !== null && spec.each.length > 0)
    return (
      fromEarlier(spec, question) ?? unknown('each group has its own rows; known after one run')
    )
  const known = fromEarlier(spec, question)
  if (known !== undefined) return known
  if (question.holdout === null) return unknown('there is no holdout yet')
  if (spec.kind === 'metric')
    return fromTextbook(spec, question.holdout, assuranceOf(spec, question.defaults))
  const { groups } = question.holdout
  const assurance = assuranceOf(spec, question.defaults)
  const minSupport = spec.minSupport ?? question.defaults.minSupport
  return (
    planGap({ spec, groups, ...assurance, minSupport }) ??
    unknown('known after the first run: it depends on the groups')
  )
}

/** The last judgement's bounds tell how noisy the check is; the square root of the rows carries it to today's holdout. */
function fromEarlier(spec: CheckSpec, question: PlanQuestion): Outlook | undefined {
  const last = question.earlier?.gates
    .flatMap((gate) => gate.checks)
    .find((check) => check.spec?.id === spec.id)
  if (last === undefined) return undefined
  const { estimate, lower, upper, limit } = last
  const isBounded = lower !== undefined && upper !== undefined && Number.isFinite(upper - lower)
  if (estimate === undefined || limit === undefined || !isBounded) return undefined
  const assurance = assuranceOf(spec, question.defaults)
  const se = (upper - lower) / (2 * oneSidedZ(last.settings.confidence))
  const n = last.n ?? question.holdout?.rows ?? 0
  const distance = Math.abs(estimate - limitOf(spec, limit))
  return outlookOf({ se, n, distance, assurance, since: sinceWords(last, estimate) })
}

function sinceWords({ method }: CheckResult, estimate: number): string {
  return `last time it was ${formatRate(estimate)} (${method})`
}

/** Correlation of two models' AUCs on the same rows that is assumed before any was seen. */
const assumedCorrelation = 0.7
/** Share of rows on which two models disagree that is assumed before any was seen. */
const assumedDiscordance = 0.06

/** A pair is planned for two equal models: then the margin is the distance that must be shown. */
function fromTextbook(
  spec: Extract<CheckSpec, { kind: 'metric' }>,
  { rows, positives }: HoldoutCounts,
  assurance: Assurance,
): Outlook {
  const isPair = spec.against.with !== 'limit'
  const level = spec.against.with === 'limit' ? spec.against.limit : 0.85
  // A baseline is hoped to be far away; only models that follow one another are planned to be equal.
  const isSuccessor = spec.against.with === 'champion' || spec.against.with === 'anchor'
  const distance = isSuccessor && 'margin' in spec.against ? Math.abs(spec.against.margin) : null
  if (spec.metric === 'roc_auc' && positives !== null && positives > 1 && rows - positives > 1) {
    const sample = { auc: level, positives, negatives: rows - positives }
    const se = isPair ? plannedAucPairError(sample, assumedCorrelation) : plannedAucError(sample)
    const n = Math.min(positives, rows - positives)
    return outlookOf({ se, n, distance, assurance, since: assumption(isSuccessor) })
  }
  const n = denominatorOf(spec.metric, rows, positives)
  if (n === null) return unknown('its spread is known after the first run')
  const variance = isPair ? assumedDiscordance : level * (1 - level)
  return outlookOf({
    se: Math.sqrt(variance / Math.max(1, n)),
    ...{ n, distance, assurance, since: assumption(isSuccessor) },
  })
}

function assumption(isPair: boolean): string {
  return isPair ? 'planned for two equally good models' : 'planned for a model at the limit'
}

function denominatorOf(metric: string, rows: number, positives: number | null): number | null {
  if (['accuracy', 'selection_rate'].includes(metric)) return rows
  if (positives === null) return null
  if (['recall', 'fnr'].includes(metric)) return positives
  return ['specificity', 'fpr'].includes(metric) ? rows - positives : null
}

interface Spread {
  readonly se: number
  readonly n: number
  /** From the limit; null where nothing is assumed about the model. */
  readonly distance: number | null
  readonly assurance: Assurance
  readonly since: string
}

function outlookOf({ se, n, distance, assurance, since }: Spread): Outlook {
  const least = detectable(se, assurance)
  const can = `${formatCount(n)} rows decide it, and a distance of ${formatRate(least)} from the limit is shown; ${since}`
  if (distance === null) {
    return { outlook: 'decides', because: can, detectable: least, neededRows: null }
  }
  const chance = powerOf(distance, se, assurance.confidence)
  if (chance >= assurance.power)
    return { outlook: 'decides', because: can, detectable: least, neededRows: null }
  if (distance === 0) {
    const because = `${can}; exactly at the limit no number of rows decides it: allow a margin`
    return { outlook: 'cannot_decide', because, detectable: least, neededRows: null }
  }
  const needed = rowsToDetect({ n, se }, distance, assurance)
  const because = `${can}, ${formatRate(distance)} from the limit: a chance of ${Math.round(chance * 100)} % to decide; about ${formatCount(needed)} rows would`
  const outlook = chance < 0.5 ? 'cannot_decide' : 'may_not_decide'
  return { outlook, because, detectable: least, neededRows: needed }
}

function limitOf(spec: CheckSpec, recorded: number): number {
  if (spec.kind !== 'metric') return 'limit' in spec ? spec.limit : recorded
  return spec.against.with === 'limit' ? spec.against.limit : spec.against.margin
}

function assuranceOf(spec: CheckSpec, { confidence, power }: GateDefaults): Assurance {
  return { confidence: spec.confidence ?? confidence, power }
}

function named(gate: string, id: string, written: string) {
  return { gate, id, written }
}

const exact: Outlook = {
  outlook: 'exact',
  because: 'counted or measured: it is always decided',
  detectable: null,
  neededRows: null,
}

function unknown(because: string): Outlook {
  return { outlook: 'unknown', because, detectable: null, neededRows: null }
}
