// A project after parsing and resolving: every default filled in, every unit in its base, every reference checked.
import type { EnvironmentSpec } from './environment-spec.ts'
import type { GateDefaults, GateSpec, RawCheck, WaiverSpec } from './gate-spec.ts'
import type { StepSpec } from './step-spec.ts'
import type { MonitorSpec, TriggerSpec } from './watch-spec.ts'

export interface DatasetSpec {
  readonly name: string
  /** File, folder or glob, relative to the project folder. */
  readonly path: string
  /** The columns that tell rows apart; empty when none are declared. */
  readonly key: readonly string[]
  /** The column that says when a row happened. */
  readonly time: string | null
  readonly label: string | null
  /** Values of rows are never recorded. */
  readonly redact: boolean
  /** Values that stand for a missing one, by column. */
  readonly missingValues: Readonly<Record<string, readonly (string | number)[]>>
  /** The step whose output it is; null for data that is there before a run. */
  readonly madeBy: string | null
  /** Those its schema stands for, then those that are written out. */
  readonly checks: readonly RawCheck[]
}

export type Task = 'binary' | 'multiclass' | 'regression' | 'ranking'

export interface EvaluateSpec {
  /** A dataset's name, or the path of a step's output. */
  readonly data: string
  readonly task: Task
  readonly label: string
  /** Label values in the order of the model's probabilities; the last of two is the positive one. Null: from the labels. */
  readonly classes: readonly string[] | null
  /** Binary only: a score at or above it is a positive prediction. */
  readonly threshold: number
  readonly groups: readonly string[]
  /** As written; the slices of gates. */
  readonly slices: readonly string[]
  readonly score: { readonly output: string; readonly column: number } | null
  /** A column of row weights. */
  readonly weights: string | null
  /** A column whose equal values belong together (a customer): what the bootstrap draws. */
  readonly clusterBy: string | null
  readonly time: string | null
  /** Rows of one block of time are drawn together; null: rows are independent. */
  readonly blockMs: number | null
  /** Rows younger than this, measured from the newest row, are left out: their labels may still come. */
  readonly maturedMs: number | null
  /** Ranking only: the column that names the query a row was shown for. */
  readonly query: string | null
  readonly predictions: PredictionsSpec | null
  /** What the logistic baseline learns from: a dataset's name or a step's output. */
  readonly train: string | null
  /** The number of a release that every candidate is compared with. */
  readonly anchor: number | null
}

/** What the training code predicted for the rows of the holdout, to be compared with the packaged model's answers. */
export interface PredictionsSpec {
  /** A step's output, or a dataset's name. */
  readonly file: string
  /** A column in both files; null: rows in the same order. */
  readonly key: string | null
  /** One per class for multiclass, else one; null: found by their names. */
  readonly columns: readonly string[] | null
}

export interface ProjectSpec {
  readonly project: string
  readonly model: {
    readonly name: string
    /** The step output that is the model. */
    readonly artifact: string
    readonly owner: string | null
    readonly description: string | null
    /** What to do when it misbehaves: a file of the project. */
    readonly runbook: string | null
  }
  readonly datasets: readonly DatasetSpec[]
  /** Checks of two datasets. */
  readonly between: readonly RawCheck[]
  readonly steps: readonly StepSpec[]
  /** Units of what steps share by name, such as { gpu: 2 }. */
  readonly pools: Readonly<Record<string, number>>
  readonly evaluate: EvaluateSpec
  readonly gates: readonly GateSpec[]
  readonly gateDefaults: GateDefaults
  readonly waivers: readonly WaiverSpec[]
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
