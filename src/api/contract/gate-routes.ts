// Gates: their verdicts computed again: methods, routes, inputs and views of this part of the API. Browser-safe.
import { z } from 'zod'
import type { Listener, RouteTable } from './route.ts'
import type { CheckView, ReleaseRefView } from './views.ts'

export interface GateReplayView {
  readonly release: ReleaseRefView
  /** Every recorded verdict and number follows from the recorded statistics. */
  readonly agrees: boolean
  /** Digest of the evidence document, as the signed manifest names it. */
  readonly evidence: string
  /** Version of Lockstep that judged; null for a release older than that record. */
  readonly engine: string | null
  readonly checks: readonly {
    readonly gate: string
    readonly id: string
    readonly written: string
    readonly recorded: CheckView['verdict']
    /** Null when it was not asked again. */
    readonly verdict: CheckView['verdict'] | null
    readonly agrees: boolean
    readonly because: string
  }[]
}

export interface GatePlanView {
  /** Null while no holdout exists yet. */
  readonly holdout: {
    readonly rows: number
    readonly positives: number | null
    readonly from: string
  } | null
  readonly checks: readonly PlannedCheckView[]
}

export interface PlannedCheckView {
  readonly gate: string
  readonly id: string
  readonly written: string
  readonly outlook: 'exact' | 'decides' | 'may_not_decide' | 'cannot_decide' | 'unknown'
  readonly because: string
  readonly detectable: number | null
  readonly neededRows: number | null
}

/** Breck et al. 2017, from records. */
export interface TestScoreView {
  readonly items: readonly {
    readonly section: 'data' | 'model' | 'infrastructure' | 'monitoring'
    readonly title: string
    readonly points: 0 | 0.5 | 1
    readonly because: string
  }[]
  readonly sections: Readonly<Record<'data' | 'model' | 'infrastructure' | 'monitoring', number>>
  /** The least of the four sections: 0 to 7. */
  readonly score: number
}

export interface GateReportInput {
  /** A run number or id, or `release:3`; the last run whose gates were judged when absent. */
  readonly subject?: string
  readonly format: 'markdown' | 'html' | 'junit' | 'sarif' | 'json'
}

export interface GateReportView {
  readonly run: number
  readonly verdict: CheckView['verdict']
  readonly format: GateReportInput['format']
  readonly text: string
}

/** One check in short. */
export interface JudgedCheckView {
  readonly gate: string
  readonly id: string
  /** As a person wrote it. */
  readonly written: string
  /** The normal form. */
  readonly text: string
  readonly verdict: CheckView['verdict']
  readonly because: string
  readonly method: string
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly limit: number | null
  readonly n: number | null
  /** About how many rows would decide it. */
  readonly neededRows: number | null
  /** What another tool prints, or what chance alone would show. */
  readonly beside: readonly string[]
  /** Of lockstep.yaml. */
  readonly line: number | null
  readonly waiver: {
    readonly by: string
    readonly because: string
    readonly until: string
    /** What the statistics said. */
    readonly of: CheckView['verdict']
  } | null
}

export interface GateChecksView {
  readonly run: number
  readonly release: ReleaseRefView | null
  readonly verdict: CheckView['verdict']
  /** What became of the run, in one sentence. */
  readonly outcome: string
  /** How often the holdout was asked, and what follows; null the first time. */
  readonly attempts: string | null
  /** Worst first. */
  readonly checks: readonly JudgedCheckView[]
}

export interface GateCheckInput {
  /** Its id, its line as written, or a part that only it has. */
  readonly check: string
  readonly subject?: string
}

/** One check with everything that is recorded about it. */
export interface CheckDetailView extends JudgedCheckView {
  readonly run: number
  /** What was asked, parsed; null when the line could not be read. */
  readonly spec: unknown
  readonly settings: {
    readonly confidence: number
    readonly power: number
    readonly minSupport: number
    readonly onInsufficient: string
  }
  /** What the verdict follows from. */
  readonly statistics: unknown
  /** Groups, slices or columns. */
  readonly denominators: readonly {
    readonly name: string
    readonly n: number
    readonly estimate: number | null
    readonly lower: number | null
    readonly upper: number | null
    readonly verdict: CheckView['verdict'] | null
  }[]
  /** Whether the recorded verdict follows from the recorded statistics today. */
  readonly replay: { readonly agrees: boolean; readonly because: string }
}

export interface WeakSlicesInput {
  /** A run number or id, or `release:3`; the last judged run when absent. */
  readonly subject?: string
  readonly metric?: string
  /** To look in; all that can be groups when absent. */
  readonly columns?: readonly string[]
  readonly most?: number
}

export interface WeakSlicesView {
  readonly run: number
  readonly metric: {
    readonly name: string
    readonly words: string
    readonly better: 'higher' | 'lower'
  }
  readonly rows: number
  /** The metric over all rows. */
  readonly overall: number | null
  /** The answers were those the release keeps; else the model was asked again. */
  readonly isStored: boolean
  /** Fewest rows of a slice's denominator, in each half. */
  readonly minSupport: number
  /** Largest expected share of false ones among the confirmed. */
  readonly falseDiscovery: number
  readonly searched: number
  readonly searchRows: number
  readonly confirmRows: number
  /** All that were put to the test, by p; numbers are of the rows that the search did not see. */
  readonly slices: readonly {
    readonly name: string
    readonly rows: number
    readonly n: number
    readonly estimate: number
    readonly lower: number
    readonly upper: number
    /** Of the rows outside. */
    readonly outside: number
    readonly p: number
    readonly adjusted: number
    readonly isConfirmed: boolean
  }[]
  readonly skipped: readonly { readonly column: string; readonly because: string }[]
  /** The line below `evaluate:` that has gates watch the confirmed ones; null without any. */
  readonly declaration: string | null
}

export interface GateApi {
  /** Every check of a judged run, worst first. */
  gateChecks(input: { readonly subject?: string }): Promise<GateChecksView>
  /** One check with its statistics. */
  gateCheck(input: GateCheckInput): Promise<CheckDetailView>
  /** Where the judged model is weak: hypotheses, confirmed on held-back rows. */
  weakSlices(input: WeakSlicesInput, listener: Listener): Promise<WeakSlicesView>
  /** The ML Test Score of the project as it stands. */
  gateScore(): Promise<TestScoreView>
  /** What the gates of a run found, as a document for people or for other tools. */
  gateReport(input: GateReportInput): Promise<GateReportView>
  /** Which gates the holdout can decide, before anything is trained. */
  gatePlan(): Promise<GatePlanView>
  /** Recomputes every verdict of a release from its record alone. */
  gateReplay(release: string): Promise<GateReplayView>
  /** Asks again on the recorded data, holdout and models. */
  gateAgain(
    release: string,
    input: Readonly<Record<string, never>>,
    listener: Listener,
  ): Promise<GateReplayView>
}

export const gateRoutes: RouteTable<GateApi> = {
  gateScore: { method: 'GET', path: '/api/gate-score' },
  gateReport: { method: 'GET', path: '/api/gate-report' },
  gatePlan: { method: 'GET', path: '/api/gate-plan' },
  gateChecks: { method: 'GET', path: '/api/gate-checks' },
  gateCheck: { method: 'GET', path: '/api/gate-check' },
  weakSlices: { method: 'POST', path: '/api/weak-slices', tells: true },
  gateAgain: { method: 'POST', path: '/api/releases/:release/gate-again', tells: true },
  gateReplay: { method: 'GET', path: '/api/releases/:release/gate-replay' },
}

const subject = z.string().min(1).max(200).optional()

export const gateInputs: Partial<Record<keyof GateApi, z.ZodType>> = {
  gateAgain: z.strictObject({}),
  gateChecks: z.strictObject({ subject }),
  gateCheck: z.strictObject({ check: z.string().min(1).max(2000), subject }),
  weakSlices: z.strictObject({
    subject,
    metric: z.string().min(1).max(200).optional(),
    columns: z.array(z.string().min(1).max(500)).max(1000).optional(),
    most: z.int().min(1).max(100).optional(),
  }),
  gateReport: z.strictObject({
    subject,
    format: z.enum(['markdown', 'html', 'junit', 'sarif', 'json']),
  }),
}
