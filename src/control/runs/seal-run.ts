// Sealing a run that passed: manifest, signature and documents go into the content store before the release is recorded.

import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import type { Json } from '../../foundation/canonical-json.ts'
import { toIso } from '../../foundation/clock.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { releaseKind } from '../../release/release.ts'
import { type SealedRelease, sealRelease } from '../../release/seal-release.ts'
import { worst } from '../../verify/statistics/verdict.ts'
import type { JudgedRun } from './gate-run.ts'
import { keepCard } from './keep-card.ts'
import { declaredParameters, type ResolvedInputs } from './resolve-inputs.ts'
import type { Run } from './run.ts'
import type { RunWorld } from './run-world.ts'
import type { ValidatedData } from './validate-data.ts'

export interface SealFacts {
  readonly run: Run
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  readonly judged: JudgedRun
  readonly data: ValidatedData
}

export async function sealRun(world: RunWorld, facts: SealFacts): Promise<SealedRelease> {
  const number = await world.store.nextNumber(releaseKind.name, facts.run.model)
  const card = await keepCard(world, facts)
  const manifest = { ...manifestOf(world, facts), card }
  const sealed = sealRelease({ manifest, number, signer: world.signer })
  if (isRefusal(sealed))
    throw new LockstepError({
      code: 'run.not_sealed',
      kind: 'precondition',
      message: sealed.because,
    })
  // Results of steps may be lost in a power cut, because steps give them again; from here on a release refers to this one.
  const { model } = facts.judged
  const kept = facts.steps.steps.flatMap((step) => step.outputs)
  await world.content.flush(kept.filter(({ digest }) => digest === model.digest))
  for (const document of sealed.documents) await world.content.putBytes(document.bytes)
  return sealed
}

function manifestOf(
  world: RunWorld,
  { run, inputs, steps, judged, data }: SealFacts,
): Omit<ReleaseManifest, 'card'> {
  const { spec } = inputs.project
  const { model, evaluation } = judged
  return {
    version: 2,
    project: spec.project,
    model: spec.model.name,
    code: {
      commit: inputs.code.commit,
      tree: inputs.tree,
      dirty: inputs.code.dirty,
      authors: inputs.code.authors,
    },
    datasets: inputs.datasets.map((dataset, index) => ({
      name: dataset.spec.name,
      version: dataset.version,
      rows: data.facts[index]?.rows ?? 0,
      schema: data.facts[index]?.schema ?? [],
    })),
    artifact: {
      path: model.path,
      digest: model.digest,
      size: model.size,
      format: 'onnx',
      folder: null,
      signature: evaluation.signature,
    },
    parameters: declaredParameters(spec, inputs.parameters) as Record<string, Json>,
    seed: spec.steps.find((step) => step.outputs.includes(model.path))?.seed ?? null,
    environment: { ...world.versions, machine: world.machine, runtimes: [] },
    pipeline: {
      definition: inputs.pipelineDigest,
      steps: steps.steps.map((step) => ({
        name: step.name,
        key: step.key ?? '',
        outputs: step.outputs.map(({ path, kind, digest }) => ({ path, kind, digest })),
      })),
    },
    gates: {
      definition: inputs.gatesDigest,
      evidence: judged.evidenceDigest,
      verdict: worst(
        [data.gate.verdict, ...judged.gates.map((gate) => gate.verdict)].filter(
          (verdict) => verdict !== 'skipped',
        ),
      ),
    },
    referenceProfile: judged.profileDigest,
    reproducibility: { level: 'R0', reasons: [] },
    runId: run.id,
    createdAt: toIso(world.clock.now()),
  }
}
