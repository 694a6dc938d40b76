// Looking at a pipeline before it runs, and taking what it made: methods, routes, inputs and views of this part of the API.
// Browser-safe.
import { z } from 'zod'
import type { RouteTable } from './route.ts'
import type { StepView } from './run-views.ts'

export interface PlanQuery {
  /** As in StartRunInput; lists are separated by commas on the wire. */
  readonly to?: readonly string[]
  readonly only?: readonly string[]
  readonly force?: boolean
  readonly forceSteps?: readonly string[]
  /** How many steps would run at once; default: as many as the machine has processors. */
  readonly parallelism?: number
}

export interface PlanStepView {
  readonly name: string
  /** The declaration it was made from: `train` for `train@2`. */
  readonly declaredAs: string
  /** `waits`: its inputs are known only once the steps it waits for ran; they may well give what they gave before. */
  readonly decision: 'hit' | 'run' | 'waits'
  readonly because: string
  /** Every difference from its newest result. */
  readonly changes: readonly string[]
  readonly waitsFor: readonly string[]
  /** The median of what it took before; null when it never ran. */
  readonly expectedMs: number | null
  readonly key: string | null
}

export interface PlanView {
  /** In running order. */
  readonly steps: readonly PlanStepView[]
  readonly hits: number
  readonly runs: number
  readonly waits: number
  readonly parallelism: number
  /** From start to end when every step that runs or waits does run. */
  readonly expectedMs: number
  /** The same steps one after the other. */
  readonly workMs: number
  /** How many of them have no expected time, and count as none. */
  readonly unknown: number
  readonly criticalPath: readonly string[]
  readonly criticalMs: number
  /** What comes after the steps, in a sentence. */
  readonly afterwards: string
}

export interface GraphEdgeView {
  readonly step: string
  /** What is read from it. */
  readonly files: readonly string[]
}

export interface GraphStepView {
  readonly name: string
  readonly declaredAs: string
  readonly after: readonly GraphEdgeView[]
  /** Inputs that no step makes. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** In the newest run that reached it; null when none did. */
  readonly verdict: Exclude<StepView['verdict'], 'waiting'> | null
  readonly expectedMs: number | null
}

export interface GraphView {
  readonly project: string
  /** The output that is the model. */
  readonly model: string
  /** The newest run; null before the first. */
  readonly run: number | null
  /** In running order. */
  readonly steps: readonly GraphStepView[]
}

export interface BringInput {
  /** As declared: `model.onnx`. */
  readonly path: string
  /** A run's number or id; the newest run that has it when left out. */
  readonly run?: string
  /** Absolute path on the control plane's machine. */
  readonly to: string
  /** Replace what is there. */
  readonly replace?: boolean
}

export interface BroughtView {
  readonly path: string
  readonly to: string
  readonly run: number
  readonly step: string
  readonly digest: string
  readonly files: number
  /** Bytes. */
  readonly size: number
}

export interface PipelineApi {
  plan(query: PlanQuery): Promise<PlanView>
  graph(): Promise<GraphView>
  /** Copies what a step made out of the content store. */
  bringOutput(input: BringInput): Promise<BroughtView>
}

export const pipelineRoutes: RouteTable<PipelineApi> = {
  plan: { method: 'GET', path: '/api/plan' },
  graph: { method: 'GET', path: '/api/graph' },
  bringOutput: { method: 'POST', path: '/api/outputs/bring' },
}

/** A query value is text. */
const names = z
  .union([z.string().transform((text) => text.split(',').filter(Boolean)), z.array(z.string())])
  .optional()
const yes = z.union([z.boolean(), z.stringbool()]).optional()

export const pipelineInputs: Partial<Record<keyof PipelineApi, z.ZodType>> = {
  bringOutput: z.strictObject({
    path: z.string().min(1).max(4096),
    run: z.string().min(1).max(200).optional(),
    to: z.string().min(1).max(4096),
    replace: z.boolean().optional(),
  }),
  plan: z.strictObject({
    to: names,
    only: names,
    force: yes,
    forceSteps: names,
    parallelism: z.coerce.number().int().min(1).max(1024).optional(),
  }),
}
