// The tables and files that gates read: datasets where they lie, and what steps made brought out of the store.
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PipelineResult } from '../../../build/pipeline/scheduler.ts'
import type { StepOutput } from '../../../build/pipeline/step-run.ts'
import type { Digest } from '../../../foundation/digest.ts'
import { LockstepError } from '../../../foundation/errors.ts'
import type { ResolvedInputs } from '../resolve-inputs.ts'
import type { RunWorld } from '../run-world.ts'

export interface TableToBring {
  readonly inputs: ResolvedInputs
  readonly workDir: string
  /** A dataset's, or the path of a step's output. */
  readonly name: string
}

/** A table under its own name, because readers tell its format by its ending. */
export async function bringTable(
  world: RunWorld,
  steps: PipelineResult,
  { inputs, workDir, name }: TableToBring,
): Promise<string> {
  const dataset = inputs.datasets.find((one) => one.spec.name === name)
  if (dataset) return join(inputs.project.dir, dataset.spec.path)
  const output = outputNamed(steps, pathOf(inputs, name))
  // Two steps may write files of one name.
  const path = join(workDir, output.digest.slice(7, 19), basename(output.path))
  await mkdir(dirname(path), { recursive: true })
  await world.content.materialise({ kind: 'file', digest: output.digest }, path)
  return path
}

/** Of the dataset or the file that evaluate.data names. */
export function holdoutDigest(inputs: ResolvedInputs, steps: PipelineResult): Digest {
  const { data } = inputs.project.spec.evaluate
  const dataset = inputs.datasets.find((one) => one.spec.name === data)
  return dataset?.version ?? outputNamed(steps, pathOf(inputs, data)).digest
}

/** A dataset that a step makes is called by its name or by its path. */
function pathOf({ project }: ResolvedInputs, name: string): string {
  return project.spec.datasets.find((one) => one.name === name)?.path ?? name
}

function outputNamed(steps: PipelineResult, path: string): StepOutput & { readonly kind: 'file' } {
  const output = anyOutputNamed(steps, path)
  if (output.kind === 'file') return output
  throw outputUnfit(`${path} is a folder; a single file is needed`)
}

/** Throws `run.output_unfit` when no step made it. */
export function anyOutputNamed(steps: PipelineResult, path: string): StepOutput {
  const output = steps.steps.flatMap((step) => step.outputs).find((one) => one.path === path)
  if (output) return output
  throw outputUnfit(`no step made ${path}`)
}

function outputUnfit(message: string): LockstepError {
  return new LockstepError({
    code: 'run.output_unfit',
    kind: 'invalid',
    message,
    hint: 'correct model.artifact or evaluate.data in lockstep.yaml',
  })
}
