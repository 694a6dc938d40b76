// The numbers that the steps of this run wrote, and those of the run that made the champion: what the recipe question is judged on.
import type { GateSpec } from '../../../project/gate-spec.ts'
import { type Release, releaseKind } from '../../../release/release.ts'
import type { ObjectStore } from '../../../store/object-store.ts'
import { hasProblems } from '../../../verify/gates/check-spec.ts'
import type { GateEvidenceInput } from '../../../verify/gates/gate-evidence.ts'
import { parseCheck } from '../../../verify/gates/language/parse-check.ts'
import type { RecipeEvidence, RecipeSample } from '../../../verify/gates/recipe-evidence.ts'
import { type Run, runKind, type StepRecord } from '../run.ts'

/** Empty when no check asks about the recipe. */
export async function recipeAskedFor(
  store: Pick<ObjectStore, 'get' | 'find'>,
  gates: readonly GateSpec[],
  facts: { readonly steps: readonly StepRecord[]; readonly championId: string | null },
): Promise<Pick<GateEvidenceInput, 'recipe'>> {
  const isAsked = gates.some(({ checks }) =>
    checks.some(({ text, options }) => {
      const parsed = parseCheck(text, options)
      return !hasProblems(parsed) && parsed.kind === 'recipe'
    }),
  )
  if (!isAsked) return {}
  return { recipe: await recipeEvidence(store, facts.steps, facts.championId) }
}

type Measured = Pick<StepRecord, 'name' | 'declaredAs' | 'metrics'>

/**
 * @param steps of this run, once their metrics are on the record.
 * @param championId the serving release; null before the first promotion. A run that is no longer on record has no samples.
 */
export async function recipeEvidence(
  store: Pick<ObjectStore, 'get' | 'find'>,
  steps: readonly Measured[],
  championId: string | null,
): Promise<RecipeEvidence> {
  const own = samplesOf(steps)
  if (championId === null) return { own }
  const release: Release = await store.get(releaseKind, championId)
  const run: Run | undefined = await store.find(runKind, release.runId)
  const samples = samplesOf(run?.steps ?? [])
  return { own, champion: { release: String(release.number), samples } }
}

/** Steps that wrote something; of replicates the name tells which, the same in every run. */
export function samplesOf(steps: readonly Measured[]): readonly RecipeSample[] {
  return steps.flatMap(({ name, declaredAs, metrics }): RecipeSample[] =>
    Object.keys(metrics ?? {}).length === 0
      ? []
      : [{ step: declaredAs ?? name, replicate: name, metrics }],
  )
}
