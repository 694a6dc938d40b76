// A family of checks: how its lines are read, what is measured for them and how that is judged. Everything about one kind of
// check stands in one file of families/, and the entrances (parse, measure, judge) only ask the right one.

import type { Op } from '../statistics/verdict.ts'
import type { CheckStatistics, GateSettings, Judgement } from './check-result.ts'
import type { CheckProblems, CheckSpec, SharedOptions } from './check-spec.ts'
import type { GateEvidenceInput } from './gate-evidence.ts'
import type { Comparison, Piece } from './language/check-line.ts'
import type { CheckOptions, OptionReader } from './language/read-options.ts'

/** A line after its surface was read. */
export interface CheckLine {
  readonly whole: Piece
  /** The first comparison outside brackets; undefined for lines such as `age between 0 and 90`. */
  readonly comparison: Comparison | undefined
  /** `name(argument)` on the left of the comparison, or as the whole line. */
  readonly call: { readonly name: string; readonly argument: Piece } | undefined
}

/** A check before the options that every family shares. */
export type PartOf<S extends CheckSpec> = Omit<S, keyof SharedOptions>

export interface CheckForm {
  readonly line: string
  readonly options?: CheckOptions
  /** What it asks, in one short sentence. */
  readonly says: string
}

export interface OwnLimit {
  readonly op: Op
  readonly limit: number
}

export interface CheckFamily<S extends CheckSpec> {
  readonly kind: S['kind']
  /** Words its lines begin with, for "did you mean". */
  readonly names: readonly string[]
  /** One example of every form, for errors and documentation. */
  readonly forms: readonly CheckForm[]
  /** What may stand beside the shared options. */
  readonly options: readonly string[]
  /** Undefined when the line is not of this family. The first family in `families` that answers is asked no further. */
  parse(line: CheckLine, read: OptionReader): PartOf<S> | CheckProblems | undefined
  /** The sufficient statistics of one check; never throws for what a user may get wrong. */
  measure(spec: S, evidence: GateEvidenceInput, settings: GateSettings): CheckStatistics
  /** Pure and deterministic: the same function today and in a replay years later. */
  judge(spec: S, statistics: CheckStatistics, settings: GateSettings): Judgement
  /** Whether it guards what a release is rather than how good it is: never waived, never no more than a warning. */
  readonly isIntegrity?: true
  /** Reads the stricter limit of `warn:`; families without it refuse the option. */
  readonly warn?: {
    read(text: string, part: PartOf<S>): number | undefined
    /** What the stricter limit must be stricter than; undefined where a check has no limit of its own. */
    of(part: PartOf<S>): OwnLimit | undefined
    /** The same check with that limit. */
    at(spec: S, limit: number): S
  }
}
