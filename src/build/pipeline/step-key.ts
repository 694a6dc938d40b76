// The step key: the digest of a document that says everything a step's result may depend on. Any addition or removal changes it.
import type { Digest } from '../../foundation/digest.ts'
import { digestOfJson } from '../../foundation/digest.ts'
import type { StepCommand, StepSpec } from '../../project/step-spec.ts'
import type { FileMode } from '../artifacts/artifact.ts'
import type { Parameter } from './parameters.ts'

/** Raise it when the meaning of the document changes: results under older versions are then never mistaken for new ones. */
export const stepKeyVersion = 1

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
  readonly inputs: readonly KeyInput[]
  readonly parameters: readonly Parameter[]
  readonly environment: Readonly<Record<string, string>>
  /** Lockstep's version for its built-in commands: their code is an input too. */
  readonly tool: { readonly lockstep: string } | null
  readonly seed: number | null
  readonly outputs: readonly string[]
}

export interface KeyParts {
  readonly step: StepSpec
  readonly inputs: readonly KeyInput[]
  readonly parameters: readonly Parameter[]
  readonly lockstepVersion: string
}

/** Timeout and retries are left out: they decide whether there is a result, never which. */
export function keyDocument({
  step,
  inputs,
  parameters,
  lockstepVersion,
}: KeyParts): StepKeyDocument {
  return {
    keyVersion: stepKeyVersion,
    step: step.name,
    command: step.command,
    inputs: sortedOnce(inputs, (input) => input.path),
    parameters: sortedOnce(parameters, ({ file, key }) => `${file}\u0000${key}`),
    environment: step.environment,
    tool: usesLockstep(step.command) ? { lockstep: lockstepVersion } : null,
    seed: step.seed,
    outputs: sortedOnce(step.outputs, (path) => path),
  }
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
