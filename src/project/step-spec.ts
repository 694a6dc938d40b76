// A step as declared in lockstep.yaml, after parsing and resolving: the exact shape that build/ executes.

export type StepCommand =
  | { readonly argv: readonly string[] }
  /** Run by /bin/sh -c. */
  | { readonly shell: string }

export interface ParameterSpec {
  /** Project-relative YAML or JSON file. */
  readonly file: string
  /** Dotted path to one value, such as `train.C`; the empty string means the whole file. */
  readonly key: string
}

/** Where a secret's value is found when the step starts; the value itself is never kept, keyed or logged. */
export interface SecretSpec {
  /** The variable the step sees. */
  readonly name: string
  readonly from: { readonly env: string } | { readonly file: string }
}

/** A language environment built from a lock file, once per digest. */
export interface RuntimeSpec {
  readonly kind: 'python' | 'node'
  /** Project-relative: requirements.txt, package-lock.json. */
  readonly lock: string
}

export interface ResourceSpec {
  /** Processors the step keeps busy; it waits until so many are free. */
  readonly cpu: number
  /** Null: not declared, not limited. */
  readonly memoryBytes: number | null
  /** Units of the project's named pools, such as { gpu: 1 }. */
  readonly pools: Readonly<Record<string, number>>
}

export interface StepSpec {
  readonly name: string
  /** The declaration it was made from: `train` for `train@2`; equal to `name` for a plain step. */
  readonly declaredAs: string
  readonly command: StepCommand
  /** Where the command runs, relative to the project folder; '' is the project folder itself. */
  readonly folder: string
  /** Project-relative files, folders or globs; may be outputs of other steps. */
  readonly inputs: readonly string[]
  readonly params: readonly ParameterSpec[]
  /** Project-relative files or folders that the command writes. */
  readonly outputs: readonly string[]
  /** Those of the outputs that hold metrics (JSON or YAML). */
  readonly metrics: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Variables taken from the machine; their values are part of the key. */
  readonly inherits: readonly string[]
  readonly secrets: readonly SecretSpec[]
  readonly runtime: RuntimeSpec | null
  readonly resources: ResourceSpec
  readonly timeoutMs: number
  /** Further attempts after the first one failed. */
  readonly retries: number
  /** Pause before the second attempt; doubled before each further one. */
  readonly backoffMs: number
  readonly seed: number | null
}

/** What a step has when nothing is declared but its command and its files. */
export const plainStep = {
  folder: '',
  inputs: [],
  params: [],
  outputs: [],
  metrics: [],
  environment: {},
  inherits: [],
  secrets: [],
  runtime: null,
  resources: { cpu: 1, memoryBytes: null, pools: {} },
  timeoutMs: 3_600_000,
  retries: 0,
  backoffMs: 1000,
  seed: null,
} as const satisfies Partial<StepSpec>
