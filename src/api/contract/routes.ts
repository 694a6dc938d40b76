// Every route of the control plane: its method, path, and what it answers. The client and the server are both written over this list.
import type { GateApi } from './gate-routes.ts'
import type { KeepingApi } from './keeping-routes.ts'
import type { PackageApi } from './package-routes.ts'
import type { PipelineApi } from './pipeline-routes.ts'
import type { ReleaseApi } from './release-routes.ts'
import type { TrustApi } from './trust-routes.ts'
import type {
  AlertView,
  AnswerView,
  AuditView,
  DoraView,
  EnvironmentView,
  EventView,
  FiringView,
  LogLineView,
  MonitorView,
  PromotionView,
  ReleaseView,
  RolloutView,
  RunView,
  StatusView,
  WhyView,
} from './views.ts'

/** What a caller may send with a command; all commands take a reason and an idempotency key. */
export interface CommandInput {
  readonly because?: string
  readonly idempotencyKey?: string
}

export interface StartRunInput extends CommandInput {
  /** Run every step even when nothing changed. */
  readonly force?: boolean
  /** Run these steps even when nothing changed for them. Step names or names of declarations, as in `to` and `only`. */
  readonly forceSteps?: readonly string[]
  /** These steps and all they read from. A part of the pipeline makes no release. */
  readonly to?: readonly string[]
  /** These steps alone, on known results of the others. */
  readonly only?: readonly string[]
  /** How many steps run at once. */
  readonly parallelism?: number
  /** Report what steps read beside their declared inputs (Linux, with strace). */
  readonly traceReads?: boolean
}

export interface PromoteInput extends CommandInput {
  /** A release number; the newest sealed release when absent. */
  readonly release?: number
  readonly environment: string
}

export interface ApproveInput extends CommandInput {
  /** The binding that was shown; refused when the content has changed since. */
  readonly binding: string
  readonly comment?: string
}

/** `GET /api/why?subject=…`: `step:train`, `run:3`, `release:2`, `promotion:<id>`, `rollout:<id>`, `alert:<id>`; with environment for a release. */
export interface WhyQuery {
  readonly subject: string
  readonly environment?: string
}

export interface LockstepApi
  extends GateApi,
    KeepingApi,
    PackageApi,
    PipelineApi,
    ReleaseApi,
    TrustApi {
  status(): Promise<StatusView>
  startRun(input: StartRunInput): Promise<RunView>
  runs(): Promise<RunView[]>
  run(idOrNumber: string): Promise<RunView>
  cancelRun(idOrNumber: string, input: CommandInput): Promise<AnswerView>
  /** Lines so far after `after` (count of lines already seen); ask again to follow. */
  logs(query: {
    readonly run?: string
    readonly step?: string
    readonly after?: number
  }): Promise<LogLineView[]>
  releases(): Promise<ReleaseView[]>
  release(
    idOrNumber: string,
  ): Promise<ReleaseView & { readonly card: string; readonly manifest: unknown }>
  environments(): Promise<EnvironmentView[]>
  promotions(): Promise<PromotionView[]>
  promotion(id: string): Promise<PromotionView>
  promote(input: PromoteInput): Promise<PromotionView>
  approve(promotionId: string, input: ApproveInput): Promise<AnswerView>
  reject(promotionId: string, input: CommandInput): Promise<AnswerView>
  cancelPromotion(promotionId: string, input: CommandInput): Promise<AnswerView>
  rollouts(): Promise<RolloutView[]>
  rollout(id: string): Promise<RolloutView>
  /** abort | pause | resume | promote */
  commandRollout(
    id: string,
    command: 'abort' | 'pause' | 'resume' | 'promote',
    input: CommandInput,
  ): Promise<AnswerView>
  /** Aborts the active rollout, or goes back to the previous release at once. */
  rollback(environment: string, input: CommandInput): Promise<AnswerView>
  hold(environment: string, input: CommandInput): Promise<AnswerView>
  clearHold(environment: string, input: CommandInput): Promise<AnswerView>
  monitors(): Promise<MonitorView[]>
  alerts(): Promise<AlertView[]>
  firings(): Promise<FiringView[]>
  events(query: {
    readonly after?: number
    readonly object?: string
    readonly limit?: number
  }): Promise<EventView[]>
  why(query: WhyQuery): Promise<WhyView>
  audit(): Promise<AuditView>
  dora(): Promise<DoraView[]>
}
