// Where the judged model of a run is weak: its answers to the recorded holdout, searched slice by slice. The answers are those a
// release keeps with its card; a run that made no release has its model asked again, in the serving runtime.
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Tables } from '../../build/tables/duckdb.ts'
import { tableOf } from '../../build/tables/duckdb.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { EvaluateSpec, ProjectSpec } from '../../project/project-spec.ts'
import { decodePredictions } from '../../release/card/predictions.ts'
import { readCardFacts } from '../../release/card/read-facts.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { findSlices, type SliceFindings } from '../../verify/fairness/find-slices.ts'
import type { JudgedSubjects } from '../../verify/gates/evidence-document.ts'
import type { Metric } from '../../verify/metrics/metric.ts'
import type { Scored } from '../../verify/metrics/scored.ts'
import { type Holdout, holdoutKey, readHoldout } from '../runs/evaluation/read-holdout.ts'
import { scoredOf, scoreHoldout } from '../runs/evaluation/score-holdout.ts'
import { resolveInputs } from '../runs/resolve-inputs.ts'
import type { RunWorld } from '../runs/run-world.ts'
import { searchColumns, searchMetric } from './slice-question.ts'

export interface WeakSliceRequest {
  readonly spec: ProjectSpec
  readonly projectDir: string
  /** `run 3`. */
  readonly whose: string
  readonly judged: JudgedSubjects
  /** Of the release the run made; null when it made none. */
  readonly manifest: ReleaseManifest | null
  /** Null: what the gates look at in groups, else the usual one of the task. */
  readonly metric: string | null
  /** Null: every column that is not the label or the like. */
  readonly columns: readonly string[] | null
  /** Most hypotheses to put to the test; null for the usual. */
  readonly most: number | null
  readonly signal: AbortSignal
  told(sentence: string): void
}

export interface WeakSlices {
  readonly metric: Metric
  readonly rows: number
  /** Over all rows. */
  readonly overall: number | null
  /** Whether the answers were those the release keeps. */
  readonly isStored: boolean
  readonly findings: SliceFindings
}

/** Largest expected share of false ones among the confirmed. */
export const falseDiscovery = 0.05

export async function findWeakSlices(
  world: RunWorld,
  request: WeakSliceRequest,
): Promise<WeakSlices> {
  const { spec, judged } = request
  const metric = searchMetric(spec, request.metric)
  const folder = join(world.folder.work, newId('slices', world.clock.now()))
  await makeFolder(folder)
  try {
    const path = await bringHoldout(world, request, folder)
    const { holdout, scored, isStored } = await answersOn(world, request, path)
    request.told('looking at slices')
    const columns = searchColumns(holdout, spec.evaluate, request.columns)
    const { minSupport, confidence } = spec.gateDefaults
    const findings = findSlices({
      ...{ scored, metric, columns, minSupport, falseDiscovery, confidence },
      seed: judged.holdout,
      ...(request.most === null ? {} : { most: request.most }),
    })
    const overall = metric.value(scored) ?? null
    return { metric, rows: holdout.rows, overall, isStored, findings }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The very bytes that were judged: a dataset that has changed since is refused. */
async function bringHoldout(
  world: RunWorld,
  { spec, judged, projectDir, whose }: WeakSliceRequest,
  folder: string,
): Promise<string> {
  const { data } = spec.evaluate
  const dataset = spec.datasets.find(({ name }) => name === data)
  if (dataset?.madeBy === null) {
    const { datasets } = await resolveInputs(world)
    if (datasets.find((one) => one.spec.name === data)?.version !== judged.holdout)
      throw unavailable(whose, `the dataset ${data} has changed since`)
    return join(projectDir, dataset.path)
  }
  if (!(await world.content.has(judged.holdout)))
    throw unavailable(whose, `its holdout ${judged.holdout.slice(7, 19)} is no longer stored`)
  const path = join(folder, basename(dataset?.path ?? data))
  await world.content.materialise({ kind: 'file', digest: judged.holdout }, path)
  return path
}

interface Answers {
  readonly holdout: Holdout
  readonly scored: Scored
  readonly isStored: boolean
}

async function answersOn(
  world: RunWorld,
  request: WeakSliceRequest,
  path: string,
): Promise<Answers> {
  const tables = await world.tables()
  const { spec, manifest } = request
  const scores = manifest && (await storedScores(world, manifest, request.judged.holdout))
  if (manifest && scores) {
    const inputs = manifest.artifact.signature.inputs.map(({ name }) => name)
    const holdout = await wholeHoldout(tables, {
      path,
      spec: spec.evaluate,
      key: holdoutKey(spec),
      inputs,
    })
    if (holdout.rows === scores.length)
      return { holdout, scored: scoredOf(holdout, spec.evaluate, scores), isStored: true }
  }
  return askAgain(world, request, path)
}

async function storedScores(
  { content }: RunWorld,
  manifest: ReleaseManifest,
  holdout: Digest,
): Promise<Float64Array | null> {
  const facts = await readCardFacts(manifest, content.read).catch(() => null)
  const kept = facts?.predictions ?? null
  if (kept === null || kept.holdout !== holdout || !(await content.has(kept.digest))) return null
  const found = decodePredictions(await content.read(kept.digest))
  return isRefusal(found) ? null : found.scores
}

async function askAgain(
  world: RunWorld,
  { spec, judged, whose, signal, told }: WeakSliceRequest,
  path: string,
): Promise<Answers> {
  const { content } = world
  if (!(await content.has(judged.candidate)))
    throw unavailable(whose, `its model ${judged.candidate.slice(7, 19)} is no longer stored`)
  told('asking the model again')
  const replica = await world.openReplica(
    {
      ...{ modelPath: content.pathOf(judged.candidate), digest: judged.candidate },
      ...{ label: spec.model.artifact, modelName: spec.model.name },
    },
    signal,
  )
  try {
    const inputs = replica.signature.inputs.map(({ name }) => name)
    const holdout = await wholeHoldout(await world.tables(), {
      ...{ path, spec: spec.evaluate, key: holdoutKey(spec), inputs },
    })
    const { scored } = await scoreHoldout(replica, holdout, spec.evaluate)
    return { holdout, scored, isStored: false }
  } finally {
    await replica.stop()
  }
}

/** With every column there is: the model need not know what it is weak in. */
async function wholeHoldout(
  tables: Tables,
  request: {
    readonly path: string
    readonly spec: EvaluateSpec
    readonly key: readonly string[]
    readonly inputs: readonly string[]
  },
): Promise<Holdout> {
  const { names } = await tables.columns(`select * from ${tableOf(request.path)} limit 0`)
  return readHoldout(tables, { ...request, mentions: names })
}

function unavailable(whose: string, because: string): LockstepError {
  return new LockstepError({
    code: 'gates.not_recorded',
    kind: 'precondition',
    message: `the holdout of ${whose} cannot be searched: ${because}`,
    hint: 'judge it again: lockstep run --force',
  })
}
