// Sealing a run that passed: manifest, signature and documents go into the content store before the release is recorded.

import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import type { Json } from '../../foundation/canonical-json.ts'
import { type Instant, toIso } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { keyKind, keyRecordId } from '../../release/key-record.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { releaseKind } from '../../release/release.ts'
import { type SealedRelease, sealRelease } from '../../release/seal-release.ts'
import { worst } from '../../verify/statistics/verdict.ts'
import { attestRun } from './attest-run.ts'
import type { ValidatedData } from './datasets/validate-data.ts'
import type { EvaluatedModel } from './gating/gate-run.ts'
import type { Ruling } from './gating/rule-on-gates.ts'
import { keepCard } from './keep-card.ts'
import { type KeptCode, keepCode } from './keep-code.ts'
import { assessReproducibility } from './reproducibility.ts'
import { declaredParameters, type ResolvedInputs } from './resolve-inputs.ts'
import type { Run } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface SealFacts {
  readonly run: Run
  readonly inputs: ResolvedInputs
  readonly steps: PipelineResult
  readonly judged: EvaluatedModel
  readonly data: ValidatedData
  readonly evidenceDigest: Digest
  readonly ruling: Ruling
}

export async function sealRun(world: RunWorld, facts: SealFacts): Promise<SealedRelease> {
  await refuseEndedKey(world)
  const number = await world.store.nextNumber(releaseKind.name, facts.run.model)
  const sealedAt = world.clock.now()
  const card = await keepCard(world, facts)
  const code = await keepCode(world, facts.inputs)
  const manifest = manifestOf(world, facts, { ...code, card, sealedAt })
  const { clearance, waivedBy, gates } = facts.ruling
  const undecided = clearance.by === 'person' ? clearance.undecided : null
  const sealed = sealRelease({
    ...{ manifest, number, signer: world.signer },
    clearance: { undecided, waivedBy },
  })
  if (isRefusal(sealed))
    throw new LockstepError({
      code: 'run.not_sealed',
      kind: 'precondition',
      message: sealed.because,
    })
  await flushModel(world, facts.judged)
  for (const document of sealed.documents) await world.content.putBytes(document.bytes)
  await attestRun(world, {
    ...{ manifest, sealedAt, steps: facts.steps, spec: facts.inputs.project.spec },
    gates,
    startedAt: facts.run.createdAt,
  })
  return sealed
}

/** A release nobody would trust is better not sealed. */
async function refuseEndedKey({ store, signer }: RunWorld): Promise<void> {
  const record = await store.find(keyKind, keyRecordId(signer.keyId))
  if (record === undefined || record.phase === 'trusted') return
  throw new LockstepError({
    code: 'signing.key_ended',
    kind: 'precondition',
    message: `the signing key ${signer.keyId} is ${record.phase} (${record.end.because}), so no release was sealed with it`,
    hint: 'make new ones: lockstep keys rotate; a key given by LOCKSTEP_SIGNING_KEY is replaced where it is kept',
  })
}

/** Results of steps may be lost in a power cut, because steps give them again; from here on a release refers to this one. */
function flushModel({ content }: RunWorld, { model, folder }: EvaluatedModel): Promise<void> {
  const whole = folder ? [{ kind: 'tree', digest: folder.digest } as const] : []
  return content.flush([{ kind: 'file', digest: model.digest }, ...whole])
}

interface KeptParts extends KeptCode {
  readonly card: Digest
  readonly sealedAt: Instant
}

function manifestOf(
  world: RunWorld,
  { run, inputs, steps, judged, data, evidenceDigest, ruling }: SealFacts,
  kept: KeptParts,
): ReleaseManifest {
  const { spec } = inputs.project
  const { model, evaluation } = judged
  return {
    version: 2,
    project: spec.project,
    model: spec.model.name,
    code: {
      commit: inputs.code.commit,
      tree: kept.tree,
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
      folder: judged.folder,
      signature: evaluation.signature,
    },
    parameters: declaredParameters(spec, inputs.parameters) as Record<string, Json>,
    seed: spec.steps.find((step) => step.outputs.includes(model.path))?.seed ?? null,
    environment: {
      ...world.versions,
      machine: world.machine,
      runtimes: steps.runtimes.map((one) => ({
        kind: one.kind,
        interpreter: one.interpreter,
        platform: one.platform,
        lockPath: one.lockPath,
        lock: one.lock,
        digest: one.digest,
        steps: one.steps,
      })),
    },
    pipeline: {
      definition: kept.pipeline,
      steps: steps.steps.map((step) => ({
        name: step.name,
        key: step.key ?? '',
        outputs: step.outputs.map(({ path, kind, digest }) => ({ path, kind, digest })),
      })),
    },
    gates: {
      definition: kept.gates,
      evidence: evidenceDigest,
      verdict: worst(
        ruling.gates.map((gate) => gate.verdict).filter((verdict) => verdict !== 'skipped'),
      ),
    },
    referenceProfile: judged.profileDigest,
    card: kept.card,
    reproducibility: assessReproducibility({ run, spec }),
    runId: run.id,
    createdAt: toIso(kept.sealedAt),
  }
}
