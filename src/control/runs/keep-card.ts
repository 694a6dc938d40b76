// The model card's facts and the predictions behind them go into the content store when a release is sealed.
import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import { cardFactsOf, type PredictionsRef } from '../../release/card/card-facts.ts'
import { isTaskFacts } from '../../release/card/model-facts.ts'
import { encodePredictions } from '../../release/card/predictions.ts'
import type { EvaluatedModel } from './gating/gate-run.ts'
import type { Ruling } from './gating/rule-on-gates.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { RunWorld } from './run-world.ts'

export interface CardMaterial {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  readonly judged: EvaluatedModel
  readonly ruling: Ruling
}

/** The digest of the stored CardFacts document, for the manifest. */
export async function keepCard(world: RunWorld, material: CardMaterial): Promise<Digest> {
  const { inputs, judged, ruling } = material
  const { performance } = judged
  const facts = cardFactsOf({
    spec: inputs.project.spec,
    reports: [ruling.report],
    ...(isTaskFacts(performance) ? { performance: null, otherTask: performance } : { performance }),
    profile: judged.evaluation.profile,
    predictions: await keepPredictions(world, material),
    statement: inputs.statement,
  })
  return world.content.putBytes(canonicalJson(facts))
}

async function keepPredictions(
  world: RunWorld,
  { inputs, steps, judged }: CardMaterial,
): Promise<PredictionsRef | null> {
  const { data } = inputs.project.spec.evaluate
  const holdout =
    inputs.datasets.find((one) => one.spec.name === data)?.version ??
    steps.steps.flatMap((step) => step.outputs).find((one) => one.path === data)?.digest
  if (holdout === undefined) return null
  const { scored } = judged.evaluation
  if (scored.task !== 'binary') return null
  const digest = await world.content.putBytes(encodePredictions(scored))
  return { digest, rows: scored.labels.length, holdout }
}
