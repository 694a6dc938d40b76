// Checks and gates as declared, before the check language is parsed.

export interface RawCheck {
  readonly text: string
  readonly options: Readonly<Record<string, unknown>>
  /** Where in lockstep.yaml it stands, 1-based; null when it was made by a program. */
  readonly position: { readonly line: number; readonly column: number } | null
}

/** How gates decide where a check does not say. */
export interface GateDefaults {
  /** Of each one-sided bound. */
  readonly confidence: number
  /** Chance of deciding when the truth is as far from the limit as planned. */
  readonly power: number
  /** Fewest rows in a denominator for a group to pass or fail. */
  readonly minSupport: number
  readonly onInsufficient: 'approve' | 'block' | 'warn'
  /** `count` shows how often the holdout was asked; `spend` makes every further time stricter. */
  readonly attempts: 'count' | 'spend'
}

/** A named person answers for one check until a day. */
export interface WaiverSpec {
  /** The check's id, or GATE/ID. */
  readonly check: string
  readonly by: string
  readonly because: string
  /** ISO date, the last day. */
  readonly until: string
  readonly position: RawCheck['position']
}

export interface GateSpec {
  readonly name: string
  readonly checks: readonly RawCheck[]
}
