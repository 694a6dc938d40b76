// A project after parsing and resolving: every default filled in, every unit in its base, every reference checked.
import type { EnvironmentSpec } from './environment-spec.ts'
import type { GateSpec, RawCheck } from './gate-spec.ts'
import type { StepSpec } from './step-spec.ts'
import type { MonitorSpec, TriggerSpec } from './watch-spec.ts'

export interface DatasetSpec {
  readonly name: string
  /** File, folder or glob, relative to the project folder. */
  readonly path: string
  readonly checks: readonly RawCheck[]
}

export interface EvaluateSpec {
  /** A dataset's name, or the path of a step's output. */
  readonly data: string
  readonly label: string
  readonly threshold: number
  readonly groups: readonly string[]
  readonly score: { readonly output: string; readonly column: number } | null
}

export interface ProjectSpec {
  readonly project: string
  readonly model: {
    readonly name: string
    /** The step output that is the model. */
    readonly artifact: string
    readonly owner: string | null
    readonly description: string | null
  }
  readonly datasets: readonly DatasetSpec[]
  readonly steps: readonly StepSpec[]
  /** Units of what steps share by name, such as { gpu: 2 }. */
  readonly pools: Readonly<Record<string, number>>
  readonly evaluate: EvaluateSpec
  readonly gates: readonly GateSpec[]
  readonly environments: readonly EnvironmentSpec[]
  readonly monitors: readonly MonitorSpec[]
  readonly triggers: readonly TriggerSpec[]
  readonly release: {
    /** Whether a run whose files differ from the commit may seal a release. */
    readonly dirty: 'allow' | 'refuse'
  }
  readonly trust: {
    /** Project-relative PEM files of public keys. */
    readonly keys: readonly string[]
  }
  readonly control: { readonly port: number }
  readonly gateway: {
    readonly host: string
    readonly workers: number
    readonly captureRate: number
  }
}
