// The steps of a run and what they measured, as the wire shows them. Types only, safe in a browser.

export interface StepView {
  readonly name: string
  readonly verdict:
    | 'waiting'
    | 'running'
    | 'hit'
    | 'ran'
    | 'failed'
    | 'timed_out'
    | 'cancelled'
    | 'blocked'
  readonly because: string
  readonly startedAt: string | null
  readonly durationMs: number | null
  readonly key: string | null
  /** The declaration it was made from: `train` for `train@2`. */
  readonly declaredAs: string
  /** 1 for the first try; 0 when none began. */
  readonly attempt: number
  /** The median of what it took in earlier runs. */
  readonly expectedMs: number | null
  readonly outputs: readonly {
    readonly path: string
    readonly digest: string
    readonly size: number
  }[]
  /** What it read beside its declared inputs; nothing is known when it was not traced. */
  readonly reads: { readonly traced: boolean; readonly undeclared: readonly string[] }
}

/** A number from a declared metrics file; of replicates the mean. */
export interface MetricView {
  readonly step: string
  readonly name: string
  readonly mean: number
  /** Standard deviation between replicates; null for a single one. */
  readonly sd: number | null
  readonly n: number
  /** In the newest earlier run that has it. */
  readonly before: {
    readonly run: number
    readonly mean: number
    readonly sd: number | null
    readonly n: number
  } | null
}
