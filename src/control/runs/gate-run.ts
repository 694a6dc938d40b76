// Gating a run: the model among the steps' outputs is brought out of the store, evaluated, and its evidence kept for good.
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../deliver/environments/deployment.ts'
import { lastEnvironment } from '../../deliver/environments/environment-order.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import { releaseKind } from '../../release/release.ts'
import { type Evaluation, evaluateCandidate, type ModelFile } from './evaluate-candidate.ts'
import { gateRecords } from './gate-records.ts'
import { keepEvidence } from './keep-evidence.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { GateRecord } from './run.ts'
import type { RunWorld } from './run-world.ts'
import { type ModelFolder, servedModel } from './served-model.ts'
import type { ValidatedData } from './validate-data.ts'

export interface JudgedRun {
  readonly gates: readonly GateRecord[]
  readonly evaluation: Evaluation
  readonly model: StepOutput & { readonly kind: 'file' }
  /** The step output the model lies in when that is a folder. */
  readonly folder: ModelFolder | null
  readonly evidenceDigest: Digest
  readonly profileDigest: Digest
}

export interface RunToGate {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  readonly validated: ValidatedData
}

export async function gateRun(
  world: RunWorld,
  { inputs, steps, validated }: RunToGate,
  signal: AbortSignal,
): Promise<JudgedRun> {
  const { spec } = inputs.project
  const { model, folder } = await servedModel(
    anyOutputNamed(steps, spec.model.artifact),
    world.content,
  )
  const workDir = join(world.folder.work, newId('gates', world.clock.now()))
  await mkdir(workDir, { recursive: true })
  try {
    const evaluation = await evaluateCandidate({
      spec,
      candidate: modelFile(world, model.digest, model.size),
      champion: await championOf(world, spec),
      holdoutPath: await bringHoldout(world, inputs, steps, workDir),
      workDir,
      tables: await world.tables(),
      openReplica: world.openReplica,
      clock: world.clock,
      signal,
    })
    const profileDigest = await world.content.putBytes(canonicalJson(evaluation.profile))
    const evidenceDigest = await keepEvidence(world, [...validated.reports, evaluation.report])
    return {
      gates: gateRecords(evaluation.report),
      evaluation,
      model,
      folder,
      evidenceDigest,
      profileDigest,
    }
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

function modelFile(world: RunWorld, digest: Digest, sizeBytes: number): ModelFile {
  return { modelPath: world.content.pathOf(digest), digest, sizeBytes }
}

/** What the last environment of the chain serves now; null before anything does. */
async function championOf(
  world: RunWorld,
  spec: ProjectSpec,
): Promise<(ModelFile & { readonly release: string }) | null> {
  const environment = lastEnvironment(spec.environments)
  if (!environment) return null
  const deployment: Deployment | undefined = await world.store.find(
    deploymentKind,
    deploymentId(spec.model.name, environment.name),
  )
  if (!deployment?.stable) return null
  const release = await world.store.get(releaseKind, deployment.stable.releaseId)
  return { ...modelFile(world, release.modelDigest, 0), release: String(release.number) }
}

/** The holdout under its own name, because readers tell a table's format by its ending. */
async function bringHoldout(
  world: RunWorld,
  inputs: ResolvedInputs,
  steps: PipelineResult,
  workDir: string,
): Promise<string> {
  const { data } = inputs.project.spec.evaluate
  const dataset = inputs.datasets.find((one) => one.spec.name === data)
  if (dataset) return join(inputs.project.dir, dataset.spec.path)
  const output = outputNamed(steps, data)
  const path = join(workDir, basename(data))
  await world.content.materialise({ kind: 'file', digest: output.digest }, path)
  return path
}

function outputNamed(steps: PipelineResult, path: string): StepOutput & { readonly kind: 'file' } {
  const output = anyOutputNamed(steps, path)
  if (output.kind === 'file') return output
  throw outputUnfit(`${path} is a folder; a single file is needed`)
}

function anyOutputNamed(steps: PipelineResult, path: string): StepOutput {
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
