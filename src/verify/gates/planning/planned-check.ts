// What is said about a check before anything is trained.

export interface PlannedCheck {
  readonly gate: string
  readonly id: string
  readonly written: string
  /** `exact`: counted or measured, chance plays no part. `unknown`: nothing to plan with yet. */
  readonly outlook: 'exact' | 'decides' | 'may_not_decide' | 'cannot_decide' | 'unknown'
  readonly because: string
  /** The smallest distance from the limit that is shown with the asked power. */
  readonly detectable: number | null
  readonly neededRows: number | null
}

/** Without what the check is called. */
export type Outlook = Omit<PlannedCheck, 'gate' | 'id' | 'written'>
