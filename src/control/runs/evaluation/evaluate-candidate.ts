// Evaluation: the packaged candidate (and other models, on the same rows) scored through the serving runtime, judged by the gates,
// and profiled as the monitoring reference of the release it may become.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { quoteName, quoteText } from '../../../build/tables/duckdb.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import type { ModelSignature } from '../../../serve/protocol/tensor.ts'
import { type DatasetProfile, profileTable } from '../../../verify/data/profile/profile.ts'
import type { GroupName } from '../../../verify/fairness/group-counts.ts'
import {
  type GateEvidenceInput,
  groupsOf,
  type HoldoutEvidence,
} from '../../../verify/gates/gate-evidence.ts'
import type { GateReport } from '../../../verify/gates/gate-report.ts'
import type { DefaultSettings } from '../../../verify/gates/judge-check.ts'
import { judgeGates } from '../../../verify/gates/judge-gates.ts'
import type { Scored } from '../../../verify/metrics/scored.ts'
import { alphaForAttempt } from '../../../verify/statistics/attempts.ts'
import { measureReadiness } from '../readiness/measure-readiness.ts'
import { perturbHoldout } from '../readiness/perturb-holdout.ts'
import { planReadiness, readinessChecks } from '../readiness/plan-readiness.ts'
import { readinessRequest } from '../readiness/readiness-request.ts'
import { type AskedFor, askedFor } from './asked-for.ts'
import { baselinesFor } from './baselines.ts'
import type { EvaluationRequest } from './evaluation-request.ts'
import { type Holdout, holdoutKey, readHoldout } from './read-holdout.ts'
import { scoreRelease } from './reference-models.ts'
import { type ScoredHoldout, scoreHoldout } from './score-holdout.ts'
import type { ScoringReplica } from './scoring-replica.ts'
import { measureTrainingParity } from './training-predictions.ts'

export interface Evaluation {
  readonly report: GateReport
  readonly signature: ModelSignature
  readonly profile: DatasetProfile
  /** Every row of the holdout, for the model card and for later comparisons. */
  readonly scored: Scored
  /** Of the declared grouping columns, one value per row. */
  readonly groups: ReadonlyMap<string, readonly GroupName[]>
}

/** The column of the profile that holds the model's own answers. */
export const scoreColumn = 'score'

export async function evaluateCandidate(request: EvaluationRequest): Promise<Evaluation> {
  const { spec, candidate, tables, openReplica, signal } = request
  const asked = askedFor(spec)
  const replica = await openReplica(
    { ...candidate, label: spec.model.artifact, modelName: spec.model.name },
    signal,
  )
  try {
    const inputs = replica.signature.inputs.map((input) => input.name)
    const holdout = await readHoldout(tables, {
      path: request.holdoutPath,
      spec: spec.evaluate,
      key: holdoutKey(spec),
      inputs,
      mentions: asked.texts,
    })
    const answered = await scoreHoldout(replica, holdout, spec.evaluate)
    const profile = await profileWithScores(request, holdout, answered.scored)
    const evidence: GateEvidenceInput = {
      holdout: {
        scored: answered.scored,
        columns: holdout.columns,
        slices: spec.evaluate.slices,
      },
      ...(await otherModels(request, asked, holdout)),
      ...(await trainingEvidence(request, asked, holdout, answered)),
      ...request.apart,
      ...(await readinessEvidence(request, replica, holdout, answered)),
    }
    const report = judgeGates({ gates: spec.gates, evidence, defaults: spentOn(request) })
    const groups = declaredGroups(spec, evidence.holdout)
    return { report, signature: replica.signature, profile, scored: answered.scored, groups }
  } finally {
    await replica.stop()
  }
}

type OtherModels = Pick<GateEvidenceInput, 'champion' | 'anchor' | 'baselines'>

/** The champion, the anchor and the baselines on the same rows, each where some check names it. */
async function otherModels(
  request: EvaluationRequest,
  asked: AskedFor,
  holdout: Holdout,
): Promise<OtherModels> {
  const { spec, champion, anchor, tables, openReplica, workDir, trainPath, signal } = request
  const world = { spec, tables, openReplica, signal }
  const inputs = holdout.inputs.map(({ name }) => name)
  return {
    ...(champion && asked.champion
      ? { champion: await scoreRelease(world, champion, holdout) }
      : {}),
    ...(anchor !== null && asked.anchor
      ? {
          anchor:
            typeof anchor === 'string'
              ? { release: String(spec.evaluate.anchor), scored: anchor }
              : await scoreRelease(world, anchor, holdout),
        }
      : {}),
    baselines: await baselinesFor(
      asked.baselines,
      { tables, openReplica, workDir, trainPath, inputs, signal },
      { holdout, spec: spec.evaluate },
    ),
  }
}

async function trainingEvidence(
  { spec, tables, predictionsPath }: EvaluationRequest,
  asked: AskedFor,
  holdout: Holdout,
  { scored }: ScoredHoldout,
): Promise<Pick<GateEvidenceInput, 'trainingPredictions'>> {
  const declared = spec.evaluate.predictions
  if (!asked.training || declared === null || predictionsPath === null) return {}
  const compared = { path: predictionsPath, declared, spec: spec.evaluate, holdout, scored }
  return { trainingPredictions: await measureTrainingParity(tables, compared) }
}

async function readinessEvidence(
  request: EvaluationRequest,
  replica: ScoringReplica,
  holdout: Holdout,
  answered: ScoredHoldout,
): Promise<Pick<GateEvidenceInput, 'readiness' | 'robustness'>> {
  const { spec, candidate, signal } = request
  const label = spec.model.artifact
  const open = () =>
    request.openReplica({ ...candidate, label, modelName: spec.model.name }, signal)
  const candidateInUse = { request, replica, holdout, answered, open }
  const { readiness: checks, robustness } = readinessChecks(spec)
  const plan = planReadiness(checks)
  const readiness = plan && (await measureReadiness(readinessRequest(candidateInUse, plan)))
  return {
    ...(readiness ? { readiness } : {}),
    ...(robustness.length === 0
      ? {}
      : {
          robustness: await perturbHoldout({
            checks: robustness,
            open,
            columns: holdout.inputs,
            place: answered.place,
            scored: answered.scored,
            signal,
          }),
        }),
  }
}

function declaredGroups(
  { evaluate }: ProjectSpec,
  holdout: HoldoutEvidence,
): ReadonlyMap<string, readonly GroupName[]> {
  const groups = evaluate.groups.map((name) => [name, groupsOf(name, holdout)] as const)
  return new Map(groups.flatMap(([name, of]) => (typeof of === 'string' ? [] : [[name, of]])))
}

/** Inputs and score side by side, so that live traffic is compared with exactly what the gates saw. */
async function profileWithScores(
  { tables, workDir }: EvaluationRequest,
  { table, inputs: columns }: Holdout,
  scored: Scored,
): Promise<DatasetProfile> {
  const inputs = columns.map(({ name }) => name)
  const scoreFile = join(workDir, 'scores.csv')
  await writeFile(scoreFile, `${scoreColumn}\n${profiledScores(scored).join('\n')}\n`)
  const names = inputs.map((name) => `h.${quoteName(name)}`).join(', ')
  const sql = `select ${names}, s.${scoreColumn} from ${table} h positional join read_csv(${quoteText(scoreFile)}, columns = {'${scoreColumn}': 'DOUBLE'}, header = true) s`
  return profileTable(tables, { sql }, [...inputs, scoreColumn])
}

/** One number per row: of several probabilities the second, which captured traffic shows as the score too. */
function profiledScores(scored: Scored): Float64Array {
  if (scored.task !== 'multiclass') return scored.scores
  const width = scored.classes.length
  return Float64Array.from(scored.labels, (_, row) => scored.scores[row * width + 1] ?? Number.NaN)
}

/** Asked again on the same rows, a check may spend only what earlier attempts left of its α, where that is declared. */
function spentOn({ spec, attempt }: EvaluationRequest): DefaultSettings {
  const { attempts, ...defaults } = spec.gateDefaults
  return attempts === 'spend' ? { ...defaults, alphaShare: alphaForAttempt(1, attempt) } : defaults
}
