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

export interface GateApi {
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
  gateAgain: { method: 'POST', path: '/api/releases/:release/gate-again', tells: true },
  gateReplay: { method: 'GET', path: '/api/releases/:release/gate-replay' },
}

export const gateInputs: Partial<Record<keyof GateApi, z.ZodType>> = {
  gateAgain: z.strictObject({}),
  gateReport: z.strictObject({
    subject: z.string().min(1).max(200).optional(),
    format: z.enum(['markdown', 'html', 'junit', 'sarif', 'json']),
  }),
}
