// The model card's facts and the predictions behind them go into the content store when a release is sealed.
import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import { cardFactsOf, type PredictionsRef } from '../../release/card/card-facts.ts'
import { performanceFacts } from '../../release/card/performance-facts.ts'
import { encodePredictions } from '../../release/card/predictions.ts'
import type { JudgedRun } from './gate-run.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { RunWorld } from './run-world.ts'
import type { ValidatedData } from './validate-data.ts'

export interface CardMaterial {
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  readonly judged: JudgedRun
  readonly data: ValidatedData
}

/** The digest of the stored CardFacts document, for the manifest. */
export async function keepCard(world: RunWorld, material: CardMaterial): Promise<Digest> {
  const { inputs, judged, data } = material
  const { report, profile, scored } = judged.evaluation
  const facts = cardFactsOf({
    spec: inputs.project.spec,
    reports: [...data.reports, report],
    performance: performanceFacts(scored),
    profile,
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
  const digest = await world.content.putBytes(encodePredictions(scored))
  return { digest, rows: scored.labels.length, holdout }
}
