// Evaluation: the packaged candidate (and the champion, on the same rows) scored through the serving runtime, judged by the gates,
// and profiled as the monitoring reference of the release it may become.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quoteName, quoteText, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import type { Clock } from '../../foundation/clock.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import type { ScoredGroups } from '../../release/card/performance-facts.ts'
import type { ModelSignature } from '../../serve/protocol/tensor.ts'
import { scoreRows } from '../../serve/runtime/score-rows.ts'
import { type DatasetProfile, profileTable } from '../../verify/data/profile.ts'
import { hasProblems } from '../../verify/gates/check-spec.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { judgeGates } from '../../verify/gates/judge-gates.ts'
import { parseCheck } from '../../verify/gates/parse-check.ts'
import { measureReadiness, type ReadinessRequest } from './measure-readiness.ts'
import { type Holdout, readHoldout } from './read-holdout.ts'
import type { OpenScoringReplica, ScoringReplica } from './scoring-replica.ts'

export interface ModelFile {
  readonly modelPath: string
  readonly digest: string
  readonly sizeBytes: number
}

export interface EvaluationRequest {
  readonly spec: ProjectSpec
  readonly candidate: ModelFile
  readonly champion: (ModelFile & { readonly release: string }) | null
  readonly holdoutPath: string
  /** For scratch files; emptied by the caller. */
  readonly workDir: string
  readonly tables: Tables
  readonly openReplica: OpenScoringReplica
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface Evaluation {
  readonly report: GateReport
  readonly signature: ModelSignature
  readonly profile: DatasetProfile
  /** Every row of the holdout, for the model card and for later comparisons. */
  readonly scored: ScoredGroups
}

/** The column of the profile that holds the model's own answers. */
export const scoreColumn = 'score'

export async function evaluateCandidate(request: EvaluationRequest): Promise<Evaluation> {
  const { spec, candidate, champion, tables, openReplica, clock, signal } = request
  const replica = await openReplica(
    { ...candidate, label: spec.model.artifact, modelName: spec.model.name },
    signal,
  )
  try {
    const inputs = replica.signature.inputs.map((input) => input.name)
    const holdout = await readHoldout(tables, request.holdoutPath, spec.evaluate, inputs)
    const scores = await scoresOf(replica, holdout, spec)
    const profile = await profileWithScores(request, inputs, scores)
    const championScores = champion && (await scoreChampion(request, champion))
    const load = loadAskedFor(spec.gates)
    const readiness =
      load &&
      (await measureReadiness({
        replica,
        columns: holdout.inputs,
        score: spec.evaluate.score,
        sizeBytes: candidate.sizeBytes,
        load,
        clock,
        signal,
      }))
    const { labels, groups } = holdout
    const scored = { labels, scores, threshold: spec.evaluate.threshold, groups }
    const report = judgeGates({
      gates: spec.gates,
      evidence: {
        holdout: scored,
        ...(champion && championScores
          ? { champion: { release: champion.release, scores: championScores } }
          : {}),
        baselines: new Map([['prior', priorScores(labels)]]),
        ...(readiness ? { readiness } : {}),
      },
      defaults: { confidence: 0.95, minSupport: 30 },
    })
    return { report, signature: replica.signature, profile, scored }
  } finally {
    await replica.stop()
  }
}

async function scoresOf(
  replica: ScoringReplica,
  holdout: Holdout,
  spec: ProjectSpec,
): Promise<Float64Array> {
  const { score } = spec.evaluate
  const { scores } = await scoreRows(replica.client, {
    signature: replica.signature,
    columns: holdout.inputs,
    ...(score ? { score } : {}),
  })
  return scores
}

/** The champion may take other columns than the candidate: it reads the same rows by its own signature. */
async function scoreChampion(
  request: EvaluationRequest,
  champion: ModelFile & { readonly release: string },
): Promise<Float64Array> {
  const { spec, tables, openReplica, signal } = request
  const replica = await openReplica(
    { ...champion, label: `the model of release ${champion.release}`, modelName: spec.model.name },
    signal,
  )
  try {
    const inputs = replica.signature.inputs.map((input) => input.name)
    const holdout = await readHoldout(tables, request.holdoutPath, spec.evaluate, inputs)
    return await scoresOf(replica, holdout, spec)
  } catch (error) {
    if (signal.aborted) throw error
    throw new LockstepError({
      code: 'run.champion_unscorable',
      kind: 'invalid',
      message: `the champion (release ${champion.release}) cannot be scored on these rows, so nothing can be compared with it: ${sentenceOf(error)}`,
      hint: 'keep its columns in the holdout until another release serves, or drop the checks that name champion',
      cause: error,
    })
  } finally {
    await replica.stop()
  }
}

/** The greatest rate and time any readiness check names: one measurement serves them all. Null when none asks for any. */
function loadAskedFor(gates: ProjectSpec['gates']): ReadinessRequest['load'] | null {
  const specs = gates
    .flatMap((gate) => gate.checks)
    .map(({ text, options }) => parseCheck(text, options))
  const readiness = specs.flatMap((one) =>
    !hasProblems(one) && one.kind === 'readiness' ? [one] : [],
  )
  if (readiness.length === 0) return null
  const greatest = (values: readonly (number | null)[]) =>
    values.reduce<number | null>(
      (top, value) => (value === null ? top : Math.max(top ?? 0, value)),
      null,
    )
  return {
    ratePerSecond: greatest(readiness.map((one) => one.ratePerSecond)),
    durationMs: greatest(readiness.map((one) => one.durationMs)),
  }
}

/** The trivial model that always answers the base rate. */
function priorScores(labels: Uint8Array): Float64Array {
  const positives = labels.reduce((sum, label) => sum + label, 0)
  return new Float64Array(labels.length).fill(positives / labels.length)
}

/** Inputs and score side by side, so that live traffic is compared with exactly what the gates saw. */
async function profileWithScores(
  { tables, holdoutPath, workDir }: EvaluationRequest,
  inputs: readonly string[],
  scores: Float64Array,
): Promise<DatasetProfile> {
  const scoreFile = join(workDir, 'scores.csv')
  await writeFile(scoreFile, `${scoreColumn}\n${scores.join('\n')}\n`)
  const columns = inputs.map((name) => `h.${quoteName(name)}`).join(', ')
  const sql = `select ${columns}, s.${scoreColumn} from ${tableOf(holdoutPath)} h positional join read_csv(${quoteText(scoreFile)}, columns = {'${scoreColumn}': 'DOUBLE'}, header = true) s`
  return profileTable(tables, { sql }, [...inputs, scoreColumn])
}
