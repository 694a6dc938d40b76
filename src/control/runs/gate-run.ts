// Gating a run: the model among the steps' outputs is brought out of the store, evaluated, and its evidence kept for good.
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
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
import { type PerformanceFacts, performanceFacts } from '../../release/card/performance-facts.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { DatasetEvidence, JudgedSubjects } from '../../verify/gates/evidence-document.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { type Evaluation, evaluateCandidate } from './evaluate-candidate.ts'
import type { ModelFile, ReleaseFile } from './evaluation-request.ts'
import { judgeMadeData } from './validate-made-data.ts'
import { operationOf } from './readiness-request.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import { isEnded, type Run, runKind } from './run.ts'
import { runTestsAskedFor } from './run-tests.ts'
import type { RunWorld } from './run-world.ts'
import { scanAskedFor } from './scan-artifact.ts'
import { type ModelFolder, servedModel } from './served-model.ts'

export interface JudgedRun {
  readonly reports: readonly GateReport[]
  /** Of datasets that steps made. */
  readonly datasets: readonly DatasetEvidence[]
  readonly subjects: JudgedSubjects
  /** What is drawn of it; null for tasks that have no such figures. */
  readonly performance: PerformanceFacts | null
  readonly evaluation: Evaluation
  readonly model: StepOutput & { readonly kind: 'file' }
  /** The step output the model lies in when that is a folder. */
  readonly folder: ModelFolder | null
  readonly profileDigest: Digest
}

export interface RunToGate {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
}

export async function gateRun(
  world: RunWorld,
  { inputs, steps }: RunToGate,
  signal: AbortSignal,
): Promise<JudgedRun> {
  const { spec } = inputs.project
  const { model, folder } = await servedModel(
    anyOutputNamed(steps, spec.model.artifact),
    world.content,
  )
  const champion = await championOf(world, spec)
  const anchor = await anchorOf(world, spec)
  const holdout = holdoutDigest(inputs, steps)
  const attempt = await attemptOn(world, holdout)
  const workDir = join(world.folder.work, newId('gates', world.clock.now()))
  await mkdir(workDir, { recursive: true })
  const bring = (name: string | null) =>
    name === null ? null : bringTable(world, steps, { inputs, workDir, name })
  try {
    const artifact = anyOutputNamed(steps, spec.model.artifact)
    const { clock, content } = world
    const holdoutPath = await bringTable(world, steps, {
      inputs,
      workDir,
      name: spec.evaluate.data,
    })
    const made = await judgeMadeData(world, { inputs, steps, workDir })
    // Before anything loads the model.
    const security = await scanAskedFor({ gates: spec.gates, artifact, content, clock, signal })
    const tests = await runTestsAskedFor({ world, inputs, artifact, holdoutPath, workDir, signal })
    const evaluation = await evaluateCandidate({
      spec,
      candidate: modelFile(world, model.digest, model.size),
      champion,
      anchor,
      attempt,
      holdoutPath,
      apart: { ...security, ...tests },
      trainPath: await bring(spec.evaluate.train),
      predictionsPath: await bring(spec.evaluate.predictions?.file ?? null),
      workDir,
      tables: await world.tables(),
      openReplica: world.openReplica,
      operation: operationOf(world, inputs.project),
      clock: world.clock,
      signal,
    })
    const profileDigest = await world.content.putBytes(canonicalJson(evaluation.profile))
    return {
      reports: [...made.reports, evaluation.report],
      datasets: made.datasets,
      subjects: {
        candidate: model.digest,
        holdout,
        champion: champion && { release: champion.release, digest: champion.digest },
        anchor:
          anchor === null || typeof anchor === 'string'
            ? null
            : { release: anchor.release, digest: anchor.digest },
        attempt,
        attempts: spec.gateDefaults.attempts,
        confidence: spec.gateDefaults.confidence,
        engine: world.versions.lockstep,
      },
      performance: performanceOf(evaluation),
      evaluation,
      model,
      folder,
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

/** The release that evaluate.anchor names by its number, or why there is none to compare with. */
async function anchorOf(
  { store, content }: RunWorld,
  { evaluate, model }: ProjectSpec,
): Promise<ReleaseFile | string | null> {
  const { anchor } = evaluate
  if (anchor === null) return null
  const releases: Release[] = await store.list(releaseKind)
  const own = releases.filter((one) => one.model === model.name)
  const found = own.find(({ number }) => number === anchor)
  if (found === undefined) {
    const known = own.map(({ number }) => number).sort((a, b) => a - b)
    const newest = known.length === 0 ? 'there are none yet' : `there are ${known.join(', ')}`
    return `${model.name} has no release ${anchor} (${newest})`
  }
  if (found.phase === 'quarantined')
    return `release ${anchor} is quarantined: ${found.objection.because}`
  if (!(await content.has(found.modelDigest)))
    return `the model of release ${anchor} is no longer in the store`
  const digest = found.modelDigest
  return { modelPath: content.pathOf(digest), digest, sizeBytes: 0, release: String(anchor) }
}

interface TableToBring {
  readonly inputs: ResolvedInputs
  readonly workDir: string
  /** A dataset's, or the path of a step's output. */
  readonly name: string
}

/** A table under its own name, because readers tell its format by its ending. */
async function bringTable(
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

/** Curves and rates at a threshold are those of two classes; what other tasks measured stands among the gates. */
function performanceOf({ scored, groups }: Evaluation): PerformanceFacts | null {
  return scored.task === 'binary' ? performanceFacts({ ...scored, groups }) : null
}

function holdoutDigest(inputs: ResolvedInputs, steps: PipelineResult): Digest {
  const { data } = inputs.project.spec.evaluate
  const dataset = inputs.datasets.find((one) => one.spec.name === data)
  return dataset?.version ?? outputNamed(steps, pathOf(inputs, data)).digest
}

/** A dataset that a step makes is called by its name or by its path. */
function pathOf({ project }: ResolvedInputs, name: string): string {
  return project.spec.datasets.find((one) => one.name === name)?.path ?? name
}

/** Every look at the same holdout makes a lucky pass more likely, so looks are counted over all runs. */
async function attemptOn(world: RunWorld, holdout: Digest): Promise<number> {
  const runs: Run[] = await world.store.list(runKind)
  const earlier = runs.filter((run) => isEnded(run) && run.holdoutDigest === holdout)
  return earlier.length + 1
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
