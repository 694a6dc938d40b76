// Is the rebuilt model as good as the recorded one? Both score the recorded holdout through the serving runtime, and each gate
// metric's difference is tested on the same rows: equivalent when its 90 % interval lies within the tolerance (two one-sided tests).
import { basename, join } from 'node:path'
import { LockstepError } from '../../foundation/errors.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import type { MetricEquivalence } from '../../release/rebuild/rebuild-report.ts'
import { hasProblems } from '../../verify/gates/check-spec.ts'
import { parseCheck } from '../../verify/gates/language/parse-check.ts'
import { metricFor } from '../../verify/metrics/metric.ts'
import { boundPair } from '../../verify/metrics/metric-bounds.ts'
import { measurePair } from '../../verify/metrics/paired-statistics.ts'
import type { Scored } from '../../verify/metrics/scored.ts'
import { oneSidedZ } from '../../verify/statistics/proportion-bounds.ts'
import { holdoutKey, readHoldout } from '../runs/evaluation/read-holdout.ts'
import { scoreHoldout } from '../runs/evaluation/score-holdout.ts'
import type { RunWorld } from '../runs/run-world.ts'
import type { RebuildPlace } from './rebuild-place.ts'

export interface ModelComparison {
  readonly manifest: ReleaseManifest
  readonly place: RebuildPlace
  /** Absolute. */
  readonly rebuilt: { readonly modelPath: string; readonly digest: string }
  readonly tolerance: number
  readonly signal: AbortSignal
}

export async function compareModels(
  world: RunWorld,
  comparison: ModelComparison,
): Promise<MetricEquivalence[]> {
  const { manifest, tolerance, rebuilt } = comparison
  const { digest } = manifest.artifact
  const holdout = await bringHoldout(world, comparison)
  const recorded = { modelPath: world.content.pathOf(digest), digest }
  const reference = await score(world, comparison, { ...recorded, holdout })
  const own = await score(world, comparison, { ...rebuilt, holdout })
  return gateMetrics(comparison.place).map((metric) =>
    equivalence(metric, { own, reference }, tolerance),
  )
}

/** 95 % on each side: the interval of two one-sided tests at 5 %. */
const confidence = 0.95

export function equivalence(
  metric: string,
  { own, reference }: { readonly own: Scored; readonly reference: Scored },
  tolerance: number,
): MetricEquivalence {
  const statistics = measurePair(metric, own, reference)
  const bound = boundPair(statistics, oneSidedZ(confidence))
  const { estimate, lower, upper } = bound
  const isInside = lower !== undefined && upper !== undefined
  return {
    metric,
    recorded: 'reference' in statistics ? statistics.reference : null,
    rebuilt: 'own' in statistics ? statistics.own : null,
    difference: estimate ?? null,
    lower: lower ?? null,
    upper: upper ?? null,
    method: bound.method,
    rows: own.labels.length,
    equivalent: isInside && lower >= -tolerance && upper <= tolerance,
  }
}

/** The metrics that the gates judge; those behind a gap between groups among them. */
function gateMetrics({ spec }: RebuildPlace): string[] {
  const checks = spec.gates.flatMap((gate) => gate.checks)
  const metrics = checks.flatMap(({ text, options }): string[] => {
    const parsed = parseCheck(text, options)
    if (hasProblems(parsed)) return []
    if (parsed.kind === 'gap') return [...parsed.metrics]
    return parsed.kind === 'metric' ? [parsed.metric] : []
  })
  const { task } = spec.evaluate
  return [...new Set(metrics.flatMap((name) => metricFor(task, name)?.name ?? []))]
}

/** The recorded one, so that both models answer the same rows. */
async function bringHoldout(
  world: RunWorld,
  { manifest, place }: ModelComparison,
): Promise<string> {
  const { data } = place.spec.evaluate
  const dataset = place.spec.datasets.find((one) => one.name === data)
  if (dataset) return join(place.projectDir, dataset.path)
  const output = manifest.pipeline.steps
    .flatMap((step) => step.outputs)
    .find((one) => one.path === data)
  if (output?.kind !== 'file') {
    throw new LockstepError({
      code: 'rebuild.no_holdout',
      kind: 'precondition',
      message: `the record has no file ${data}, so the rebuilt model cannot be compared with the recorded one`,
    })
  }
  const path = join(place.root, `holdout-${basename(data)}`)
  await world.content.materialise({ kind: 'file', digest: output.digest }, path)
  return path
}

async function score(
  world: RunWorld,
  { place, signal }: ModelComparison,
  model: { readonly modelPath: string; readonly digest: string; readonly holdout: string },
): Promise<Scored> {
  const { evaluate, model: declared } = place.spec
  const { modelPath, digest, holdout } = model
  const label = declared.artifact
  const replica = await world.openReplica(
    { modelPath, digest, label, modelName: declared.name },
    signal,
  )
  try {
    const inputs = replica.signature.inputs.map((input) => input.name)
    const key = holdoutKey(place.spec)
    const asked = { path: holdout, spec: evaluate, key, inputs }
    const rows = await readHoldout(await world.tables(), asked)
    return (await scoreHoldout(replica, rows, evaluate)).scored
  } finally {
    await replica.stop()
  }
}
