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

export interface StepSpec {
  readonly name: string
  readonly command: StepCommand
  /** Project-relative files, folders or globs; may be outputs of other steps. */
  readonly inputs: readonly string[]
  readonly params: readonly ParameterSpec[]
  /** Project-relative files or folders that the command writes. */
  readonly outputs: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly secrets?: never
  readonly timeoutMs: number
  /** Further attempts after the first one failed. */
  readonly retries: number
  readonly seed: number | null
}
