// What the control plane answers: the wire shapes shared by API, client, CLI and console. Types only, safe in a browser.
// Instants are ISO 8601 strings in UTC, shares are basis points, durations are milliseconds.

import type { MetricView, StepView } from './run-views.ts'

export interface ProblemView {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly hint?: string
  readonly details?: Readonly<Record<string, unknown>>
}

export interface ReleaseRefView {
  readonly id: string
  readonly number: number
  readonly alias: string
}

export interface CheckView {
  readonly id: string
  readonly text: string
  readonly verdict: 'pass' | 'warn' | 'fail' | 'insufficient' | 'error' | 'skipped' | 'waived'
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly because: string
  /** Of lockstep.yaml; records of earlier versions have none. */
  readonly line?: number | null
}

export interface GateView {
  readonly name: string
  readonly verdict: CheckView['verdict']
  readonly checks: readonly CheckView[]
}

export interface RunView {
  readonly id: string
  readonly number: number
  readonly phase: string
  readonly because: string
  readonly startedBy: string
  readonly trigger: string
  readonly commit: string | null
  readonly steps: readonly StepView[]
  /** Compared with the run before once it has ended. */
  readonly metrics: readonly MetricView[]
  readonly gates: readonly GateView[]
  /** The release it made, or the earlier run it equals. */
  readonly release: ReleaseRefView | null
  readonly sameAs: string | null
  readonly createdAt: string
  readonly finishedAt: string | null
  readonly durationMs: number | null
}

export interface ReleaseView extends ReleaseRefView {
  readonly phase: string
  readonly digest: string
  readonly modelDigest: string
  readonly runId: string
  /** Null for a release that was made elsewhere. */
  readonly runNumber: number | null
  readonly commit: string | null
  readonly metrics: Readonly<Record<string, number>>
  readonly sealedAt: string
  /** What its gates left open, in words: no machine moves it. Null when they decided. */
  readonly undecided: string | null
  /** Whoever granted a waiver it rests on. */
  readonly waivedBy: readonly string[]
  /** environment → what became of this release there. */
  readonly environments: Readonly<Record<string, string>>
}

export interface EnvironmentView {
  readonly name: string
  readonly phase: string
  readonly delivery: 'manual' | 'automatic'
  readonly url: string
  readonly stable: ReleaseRefView | null
  readonly candidate: ReleaseRefView | null
  readonly previous: ReleaseRefView | null
  readonly candidateBp: number
  readonly mirrorBp: number
  readonly epoch: number
  readonly observedEpoch: number | null
  readonly replicas: readonly ReplicaView[]
  readonly hold: { readonly since: string; readonly because: string; readonly actor: string } | null
  readonly traffic: TrafficView
}

export interface ReplicaView {
  readonly id: string
  readonly release: number
  readonly phase: 'starting' | 'ready' | 'failed'
  readonly pid: number | null
  readonly restarts: number
}

/** Since the control plane's records began. */
export interface TrafficView {
  readonly requests: number
  readonly errors: number
  readonly clientErrors: number
}

export interface BlockerView {
  readonly code: string
  readonly because: string
  readonly clearedBy: string
  readonly clearsAt: string | null
}

export interface ApprovalView {
  readonly actor: string
  readonly phase: string
  readonly at: string
  readonly comment: string | null
}

export interface PromotionView {
  readonly id: string
  readonly number: number
  readonly phase: string
  readonly intent: 'forward' | 'rollback' | 'redeploy' | 'config_only'
  readonly release: ReleaseRefView
  readonly environment: string
  readonly requestedBy: string
  readonly because: string
  readonly blockers: readonly BlockerView[]
  readonly approvals: readonly ApprovalView[]
  /** Who may still approve; empty when nothing is waited for. */
  readonly approvers: readonly string[]
  readonly approvalsNeeded: number
  /** The content an approval binds to; send it back with the approval. */
  readonly binding: string | null
  /** What would change, in sentences. */
  readonly changes: readonly string[]
  readonly rolloutId: string | null
  readonly expiresAt: string | null
  readonly createdAt: string
}

export interface RolloutView {
  readonly id: string
  readonly number: number
  readonly phase: string
  readonly strategy: string
  readonly environment: string
  readonly stable: ReleaseRefView | null
  readonly candidate: ReleaseRefView
  readonly step: number | null
  readonly steps: number
  readonly candidateBp: number
  readonly because: string
  /** The analysis in words, the newest look first. */
  readonly analysis: AnalysisView | null
  readonly createdAt: string
  readonly finishedAt: string | null
  readonly timings: RolloutTimingsView
}

export interface AnalysisView {
  readonly verdict: string
  readonly sentences: readonly string[]
  readonly candidate: { readonly requests: number; readonly errors: number }
  readonly stable: { readonly requests: number; readonly errors: number }
}

export interface RolloutTimingsView {
  readonly firstCandidateErrorAt: string | null
  readonly harmDecidedAt: string | null
  readonly zeroTrafficAt: string | null
  readonly firstErrorToZeroTrafficMs: number | null
}

export interface AlertView {
  readonly id: string
  readonly monitor: string
  readonly phase: string
  readonly environment: string
  readonly release: ReleaseRefView | null
  readonly because: string
  readonly causes: readonly string[]
  readonly firedAt: string | null
  readonly resolvedAt: string | null
}

export interface MonitorView {
  readonly name: string
  readonly environment: string
  readonly phase: string
  readonly because: string
  readonly rows: number
  readonly lookedAt: string | null
}

export interface FiringView {
  readonly id: string
  readonly trigger: string
  readonly phase: string
  readonly because: string
  readonly cause: string
  readonly runId: string | null
  readonly at: string
}

export interface EventView {
  readonly seq: number
  readonly at: string
  readonly kind: string
  readonly objectId: string
  readonly phase: string
  readonly type: string
  readonly actor: string
  readonly because: string
  readonly environment: string | null
}

export interface AuditView {
  readonly events: number
  readonly intact: boolean
  readonly because: string
  readonly head: string
}

/** The five DORA numbers (DORA 2024) of one environment; null where nothing has happened yet. */
export interface DoraView {
  readonly environment: string
  readonly windowDays: number
  readonly deployments: number
  readonly deploymentsPerDay: number
  readonly leadTimeMs: {
    readonly median: number
    readonly code: number | null
    readonly data: number | null
  } | null
  readonly changeFailRate: number | null
  readonly recoveryTimeMs: number | null
  readonly reworkRate: number | null
}

export interface StatusView {
  readonly project: string
  readonly model: string
  readonly version: string
  readonly control: { readonly pid: number; readonly url: string | null; readonly since: string }
  readonly environments: readonly EnvironmentView[]
  readonly latestRun: RunView | null
  readonly releases: readonly ReleaseView[]
  readonly waitingForApproval: readonly PromotionView[]
  readonly activeRollouts: readonly RolloutView[]
  readonly openAlerts: readonly AlertView[]
  readonly stuck: readonly {
    readonly kind: string
    readonly id: string
    readonly because: string
  }[]
}

export interface WhyView {
  readonly subject: string
  readonly answer: string
  readonly sentences: readonly string[]
  readonly next: readonly string[]
  /** Of a step: the stored documents behind the answer, `now` and `before`, or by step name for a declaration. */
  readonly documents?: Readonly<Record<string, unknown>>
}

/** The loop's answer to a command. */
export interface AnswerView {
  readonly accepted: boolean
  readonly because: string
  readonly id: string | null
}

export interface LogLineView {
  readonly at: string
  readonly source: string
  readonly line: string
}
