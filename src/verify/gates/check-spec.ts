// A check after parsing: what is asked, in a normal form that does not depend on how it was written. Plain JSON, so
// that it travels with its evidence.
import type { DataCheck } from '../data/data-check.ts'
import type { BetweenCheck } from '../data/overlap/overlap-check.ts'
import type { Aggregate } from '../fairness/group-statistics.ts'
import type { Perturbation } from '../readiness/perturbation.ts'
import type { ReadinessSubject } from '../readiness/readiness-statistics.ts'
import type { RobustnessSubject } from '../readiness/robustness.ts'
import type { Op } from '../statistics/verdict.ts'

export type CheckSpec =
  | DataCheckSpec
  | BetweenCheckSpec
  | MetricCheckSpec
  | RecipeCheckSpec
  | GapCheckSpec
  | ReadinessCheckSpec
  | DropCheckSpec
  | SecurityCheckSpec
  | TestsCheckSpec

/** What every check may say beside its line. */
export interface SharedOptions {
  /** `warn` turns a fail into a warning. */
  readonly severity: 'fail' | 'warn'
  /** A second, stricter limit: beyond it the check warns. In the unit of the line's own limit. */
  readonly warn: number | null
  /** Overrides of the gate's defaults; null = default. */
  readonly confidence: number | null
  readonly minSupport: number | null
  readonly onInsufficient: OnInsufficient | null
}

/** What a check that stays undecided does: a person decides, the release is refused, or it goes on with a warning. */
export type OnInsufficient = 'approve' | 'block' | 'warn'

interface SharedSpec extends SharedOptions {
  /** `fairness.gap(tpr).sex`: family, subject, scope. Stable under spacing and number format. */
  readonly id: string
  /** The normal form of the line. */
  readonly text: string
}

export interface DataCheckSpec extends SharedSpec {
  readonly kind: 'data'
  readonly check: DataCheck
}

export interface BetweenCheckSpec extends SharedSpec {
  readonly kind: 'between'
  readonly check: BetweenCheck
}

export interface MetricCheckSpec extends SharedSpec {
  readonly kind: 'metric'
  /** In normal form; which task it must be of shows at the rows. */
  readonly metric: string
  readonly op: Op
  readonly against: Against
  /** Slice declarations, `slice` for those of the project: the check must hold in every slice. */
  readonly each: readonly string[] | null
  /** What holding in every slice means: each is shown to be good, or none is shown to be bad. */
  readonly mode: 'prove_safety' | 'detect_harm'
  /** Of `detect_harm`: the share of false alarms allowed among the slices that are called bad. */
  readonly fdr: number
  readonly decideBy: 'bound' | 'point'
  /** The distance from the limit that the rows must be able to show, or the check does not pass. */
  readonly mde: number | null
}

/** `value op limit`, or `value op factor * other + margin` on the same rows. */
export type Against =
  | { readonly with: 'limit'; readonly limit: number }
  | ({ readonly with: 'champion' } & Relation)
  | ({ readonly with: 'anchor' } & Relation)
  | ({ readonly with: 'baseline'; readonly name: string } & Relation)

export interface Relation {
  readonly margin: number
  /** Absent = 1. */
  readonly factor?: number
}

export interface GapCheckSpec extends SharedSpec {
  readonly kind: 'gap'
  readonly aggregate: Aggregate
  /** In normal form; two for equalized odds, which must hold together. */
  readonly metrics: readonly string[]
  readonly op: Op
  readonly limit: number
  readonly by: readonly string[]
  /** Groups are all combinations of the columns. */
  readonly intersect: boolean
  /** The check must hold in every stratum of these columns. */
  readonly given: readonly string[]
  /** The group the others are compared with; null unless the aggregate asks for one. */
  readonly reference: string | null
  /** What groups below the minimum support do: hold the verdict back, or are listed only. */
  readonly smallGroups: 'insufficient' | 'ignore'
}

export interface ReadinessCheckSpec extends SharedSpec {
  readonly kind: 'readiness'
  readonly subject: ReadinessSubject
  readonly op: Op
  /** In milliseconds, bytes, a count, a share, a ratio or requests per second, by subject. */
  readonly limit: number
  /** Arrival rate at which latency is measured; null = the default. */
  readonly ratePerSecond: number | null
  /** How long load lasts; null = the default. */
  readonly durationMs: number | null
  /** Fresh processes to start; null = the default. */
  readonly starts: number | null
  /** Of golden answers; null = as their file says. */
  readonly tolerance: number | null
}

export interface DropCheckSpec extends SharedSpec {
  readonly kind: 'drop'
  readonly subject: RobustnessSubject
  readonly op: '<' | '<='
  /** Loss of the metric, or share of rows. */
  readonly limit: number
  readonly perturb: readonly Perturbation[]
  /** Columns that may be touched; null for all that fit. */
  readonly columns: readonly string[] | null
}

/** Over the replicates of a step: how much they differ, or their mean. */
export interface RecipeCheckSpec extends SharedSpec {
  readonly kind: 'recipe'
  readonly of: 'spread' | 'mean'
  /** As declared: `train`. */
  readonly step: string
  readonly metric: string
  readonly op: Op
  readonly against: RecipeLimit
  /** Test rows per training row, where replicates are random splits whose training rows overlap. */
  readonly resampled: number | null
}

export type RecipeLimit =
  | { readonly with: 'limit'; readonly limit: number }
  | { readonly with: 'champion'; readonly margin: number }

export interface SecurityCheckSpec extends SharedSpec {
  readonly kind: 'security'
  readonly subject: SecuritySubject
}

export type SecuritySubject =
  | { readonly what: 'format'; readonly formats: readonly string[] }
  /** `allow`: imports and operator domains that the project accepts. */
  | { readonly what: 'scan'; readonly allow: readonly string[] }

export interface TestsCheckSpec extends SharedSpec {
  readonly kind: 'tests'
  readonly command: string
  /** The JUnit report the command writes, in its folder; null: the exit code decides. */
  readonly junit: string | null
  readonly timeoutMs: number
  /** Paths of the project that the command sees; empty: what the steps and datasets read. */
  readonly inputs: readonly string[]
  /** The step whose language environment it runs in; null: the machine's. */
  readonly environment: string | null
}

/** What is wrong with a line, with the place inside it (0-based). */
export interface CheckProblem {
  readonly message: string
  readonly offset: number
  readonly length: number
  readonly hint?: string
}

export interface CheckProblems {
  readonly problems: readonly CheckProblem[]
}

export function hasProblems(parsed: object): parsed is CheckProblems {
  return 'problems' in parsed
}
