// An environment as its owner declared it: where it listens, what it demands, and how traffic moves there.

export interface EnvironmentSpec {
  readonly name: string
  /** TCP port of the gateway for this environment. */
  readonly port: number
  /** Replicas per serving release. */
  readonly replicas: number
  /** The environment in which a release must have succeeded first. */
  readonly after: string | null
  /** How long it must have been there. */
  readonly soakMs: number
  /** manual = continuous delivery, automatic = continuous deployment. */
  readonly delivery: 'manual' | 'automatic'
  readonly approval: ApprovalSpec | null
  readonly freezes: readonly FreezeSpec[]
  readonly strategy: StrategySpec
  readonly analysis: AnalysisSpec
  /** A promotion that has not started by then expires. */
  readonly promotionTtlMs: number
}

export interface ApprovalSpec {
  /** How many different people must approve. */
  readonly count: number
  /** Names allowed to approve; empty means anyone who is not excluded. */
  readonly from: readonly string[]
  /** People who never count for this promotion (separation of duties). */
  readonly exclude: readonly ('requester' | 'author' | 'run_starter')[]
  readonly expiresMs: number
}

/** A window in which promotions do not start. Rollback and abort are never frozen. */
export interface FreezeSpec {
  /** Instants, already resolved to UTC milliseconds. */
  readonly from: number
  readonly until: number
  readonly because: string
}

export type StrategySpec = RecreateSpec | BlueGreenSpec | CanarySpec

export interface RecreateSpec {
  readonly kind: 'recreate'
  readonly bakeMs: number
}

/** Candidate warm at 0, then one switch of all traffic, then bake with the old side warm. */
export interface BlueGreenSpec {
  readonly kind: 'blue_green'
  readonly bakeMs: number
}

export interface CanarySpec {
  readonly kind: 'canary'
  /** Mirror traffic to the candidate first; its answers never reach a client. */
  readonly shadow: { readonly mirrorBp: number; readonly holdMs: number } | null
  /** Increasing shares in basis points; the last step is followed by full promotion. */
  readonly steps: readonly { readonly shareBp: number; readonly holdMs: number }[]
  readonly bakeMs: number
}

export interface AnalysisSpec {
  /** Probability of a false rollback over the whole rollout, however often it looks. */
  readonly alpha: number
  /** Roll back when the candidate's error rate is shown to exceed `harmRatio` times stable's. */
  readonly harmRatio: number
  /** Go on only when the candidate's error rate is shown to be below this share. */
  readonly maxErrorRate: number
  /** No verdict on a step before this many candidate answers. */
  readonly minRequests: number
  /** A step that is still undecided after this long follows `onInsufficient`. */
  readonly deadlineMs: number
  readonly onInsufficient: 'pause' | 'rollback' | 'promote'
}
