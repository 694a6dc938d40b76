// Gating a run: the model among the steps' outputs is brought out of the store, looked at, evaluated and judged.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PipelineResult } from '../../../build/pipeline/scheduler.ts'
import type { StepOutput } from '../../../build/pipeline/step-run.ts'
import { canonicalJson } from '../../../foundation/canonical-json.ts'
import type { Digest } from '../../../foundation/digest.ts'
import { newId } from '../../../foundation/ids.ts'
import { type ModelFacts, modelFactsOf } from '../../../release/card/model-facts.ts'
import type { DatasetEvidence, JudgedSubjects } from '../../../verify/gates/evidence-document.ts'
import type { GateReport } from '../../../verify/gates/gate-report.ts'
import { judgeMadeData } from '../datasets/validate-made-data.ts'
import { type Evaluation, evaluateCandidate } from '../evaluation/evaluate-candidate.ts'
import { operationOf } from '../readiness/readiness-request.ts'
import type { ResolvedInputs } from '../resolve-inputs.ts'
import type { StepRecord } from '../run.ts'
import type { RunWorld } from '../run-world.ts'
import { type ModelFolder, servedModel } from '../served-model.ts'
import { anchorOf, attemptOn, championOf } from './compared-models.ts'
import { anyOutputNamed, bringTable, holdoutDigest } from './gate-tables.ts'
import { judgeUnevaluated } from './judge-unevaluated.ts'
import { recipeAskedFor } from './recipe-evidence.ts'
import { runTestsAskedFor } from './run-tests.ts'
import { scanAskedFor } from './scan-artifact.ts'

/** A model that could be evaluated, with what a release keeps of it. */
export interface EvaluatedModel {
  readonly evaluation: Evaluation
  /** How it did, as reports and cards draw it. */
  readonly performance: ModelFacts
  readonly model: StepOutput & { readonly kind: 'file' }
  /** The step output the model lies in when that is a folder. */
  readonly folder: ModelFolder | null
  readonly profileDigest: Digest
}

export interface JudgedRun {
  readonly reports: readonly GateReport[]
  /** Of datasets that steps made. */
  readonly datasets: readonly DatasetEvidence[]
  readonly subjects: JudgedSubjects
  /** Null when the model could not even be asked: then some check of its file said no. */
  readonly evaluated: EvaluatedModel | null
}

export interface RunToGate {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  /** With the metrics that steps wrote. */
  readonly records: readonly StepRecord[]
}

export async function gateRun(
  world: RunWorld,
  toGate: RunToGate,
  signal: AbortSignal,
): Promise<JudgedRun> {
  const workDir = join(world.folder.work, newId('gates', world.clock.now()))
  await mkdir(workDir, { recursive: true })
  try {
    return await gateIn(world, { ...toGate, workDir }, signal)
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

async function gateIn(
  world: RunWorld,
  { inputs, steps, records, workDir }: RunToGate & { readonly workDir: string },
  signal: AbortSignal,
): Promise<JudgedRun> {
  const { spec } = inputs.project
  const { clock, content } = world
  const artifact = anyOutputNamed(steps, spec.model.artifact)
  const { model, folder } = await servedModel(artifact, content)
  const champion = await championOf(world, spec)
  const anchor = await anchorOf(world, spec)
  const bring = (name: string) => bringTable(world, steps, { inputs, workDir, name })
  const maybeBring = (name: string | null) => (name === null ? null : bring(name))
  const holdoutPath = await bring(spec.evaluate.data)
  const made = await judgeMadeData(world, { inputs, steps, workDir })
  // Before anything loads the model.
  const security = await scanAskedFor({ gates: spec.gates, artifact, content, clock, signal })
  const tests = await runTestsAskedFor({ world, inputs, artifact, holdoutPath, workDir, signal })
  const recipe = await recipeAskedFor(world.store, spec.gates, {
    ...{ steps: records, championId: champion?.releaseId ?? null },
  })
  const apart = { ...security, ...tests, ...recipe }
  const subjects = await subjectsOf(world, { inputs, steps, model, champion, anchor })
  const { digest } = model
  const request = {
    spec,
    candidate: { modelPath: content.pathOf(digest), digest, sizeBytes: model.size },
    ...{ champion, anchor, attempt: subjects.attempt, holdoutPath, apart, workDir },
    trainPath: await maybeBring(spec.evaluate.train),
    predictionsPath: await maybeBring(spec.evaluate.predictions?.file ?? null),
    tables: await world.tables(),
    openReplica: world.openReplica,
    operation: operationOf(world, inputs.project),
    ...{ clock, signal },
  }
  const judged = { datasets: made.datasets, subjects }
  try {
    const evaluation = await evaluateCandidate(request)
    const profileDigest = await content.putBytes(canonicalJson(evaluation.profile))
    const performance = modelFactsOf(evaluation)
    return {
      ...judged,
      reports: [...made.reports, evaluation.report],
      evaluated: { evaluation, performance, model, folder, profileDigest },
    }
  } catch (error) {
    signal.throwIfAborted()
    const report = judgeUnevaluated({ spec, apart, error })
    return { ...judged, reports: [...made.reports, report], evaluated: null }
  }
}

interface Subjects {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  readonly model: StepOutput
  readonly champion: Awaited<ReturnType<typeof championOf>>
  readonly anchor: Awaited<ReturnType<typeof anchorOf>>
}

async function subjectsOf(
  world: RunWorld,
  { inputs, steps, model, champion, anchor }: Subjects,
): Promise<JudgedSubjects> {
  const { attempts, confidence } = inputs.project.spec.gateDefaults
  const holdout = holdoutDigest(inputs, steps)
  return {
    ...{ candidate: model.digest, holdout },
    champion: champion && { release: champion.release, digest: champion.digest },
    anchor:
      anchor === null || typeof anchor === 'string'
        ? null
        : { release: anchor.release, digest: anchor.digest },
    attempt: await attemptOn(world, holdout),
    ...{ attempts, confidence, engine: world.versions.lockstep },
  }
}
