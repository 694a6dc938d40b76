// The step key: the digest of a document that says everything a step's result may depend on. Any addition or removal changes it.
import type { Digest } from '../../foundation/digest.ts'
import { digestOfJson } from '../../foundation/digest.ts'
import type { StepCommand, StepSpec } from '../../project/step-spec.ts'
import type { FileMode } from '../artifacts/artifact.ts'
import type { Parameter } from './parameters.ts'
import type { RuntimeFacts } from './step-runtime.ts'

/** Raise it when the meaning of the document changes: results under older versions are then never mistaken for new ones. */
export const stepKeyVersion = 2

export type KeyInput =
  | {
      readonly path: string
      readonly kind: 'file'
      readonly mode: FileMode
      readonly digest: Digest
    }
  /** A folder's or glob's files as one digest; the manifest behind it names each. */
  | { readonly path: string; readonly kind: 'tree' | 'glob'; readonly digest: Digest }

export interface StepKeyDocument {
  readonly keyVersion: number
  /** The step sees its own name (LOCKSTEP_STEP), so its result may depend on it. */
  readonly step: string
  readonly command: StepCommand
  /** Where the command runs; '' is the project folder. */
  readonly folder: string
  readonly inputs: readonly KeyInput[]
  readonly parameters: readonly Parameter[]
  readonly environment: Readonly<Record<string, string>>
  /** Variables taken from the machine; null where it has none of that name, which is not the empty text. */
  readonly inherited: Readonly<Record<string, string | null>>
  /** Names only. A value is never hashed: digests of short secrets can be guessed. */
  readonly secrets: readonly string[]
  /** The language environment; its lock file is among the inputs as well. */
  readonly runtime: RuntimeFacts | null
  /** Lockstep's version for its built-in commands: their code is an input too. */
  readonly tool: { readonly lockstep: string } | null
  readonly seed: number | null
  readonly outputs: readonly string[]
  /** Those of the outputs that are read as metrics. */
  readonly metrics: readonly string[]
}

export interface KeyParts {
  readonly step: StepSpec
  readonly inputs: readonly KeyInput[]
  readonly parameters: readonly Parameter[]
  readonly machineEnvironment: MachineEnvironment
  readonly runtime: RuntimeFacts | null
  readonly lockstepVersion: string
}

/** The variables of the machine, as they were when the run was planned. */
export type MachineEnvironment = Readonly<Record<string, string | undefined>>

/** Resources, timeout, retries and backoff are left out: they decide whether and when there is a result, never which. */
export function keyDocument({
  step,
  inputs,
  parameters,
  machineEnvironment,
  runtime,
  lockstepVersion,
}: KeyParts): StepKeyDocument {
  return {
    keyVersion: stepKeyVersion,
    step: step.name,
    command: step.command,
    folder: step.folder,
    inputs: sortedOnce(inputs, (input) => input.path),
    parameters: sortedOnce(parameters, ({ file, key }) => `${file}\u0000${key}`),
    environment: step.environment,
    inherited: inheritedBy(step, machineEnvironment),
    secrets: sortedOnce(
      step.secrets.map((secret) => secret.name),
      (name) => name,
    ),
    runtime,
    tool: usesLockstep(step.command) ? { lockstep: lockstepVersion } : null,
    seed: step.seed,
    outputs: sortedOnce(step.outputs, (path) => path),
    metrics: sortedOnce(step.metrics, (path) => path),
  }
}

/** What the step gets of the machine's variables. */
export function inheritedBy(
  step: StepSpec,
  machineEnvironment: MachineEnvironment,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    step.inherits.map((name) => [
      name,
      Object.hasOwn(machineEnvironment, name) ? (machineEnvironment[name] ?? null) : null,
    ]),
  )
}

/** sha256 over the RFC 8785 form of the document. */
export function stepKey(document: StepKeyDocument): Digest {
  return digestOfJson(document)
}

export function usesLockstep(command: StepCommand): boolean {
  return 'argv' in command ? command.argv[0] === 'lockstep' : /\blockstep\b/.test(command.shell)
}

function sortedOnce<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[] {
  const byName = new Map(items.map((item) => [nameOf(item), item]))
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}
