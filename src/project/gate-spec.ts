// Checks and gates as declared, before the check language is parsed.

export interface RawCheck {
  readonly text: string
  readonly options: Readonly<Record<string, unknown>>
  /** Where in lockstep.yaml it stands, 1-based; null when it was made by a program. */
  readonly position: { readonly line: number; readonly column: number } | null
}

export interface GateSpec {
  readonly name: string
  readonly checks: readonly RawCheck[]
}
