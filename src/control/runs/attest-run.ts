// What is signed about a release when its run seals it: the model for other tools, where it comes from, what the gates found.
import type { PipelineResult } from '../../build/pipeline/scheduler.ts'
import { type Instant, toIso } from '../../foundation/clock.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import { attestRelease } from '../../release/attest/attest-release.ts'
import { modelFilesOf } from '../../release/attest/model-signature.ts'
import type { BuildFacts } from '../../release/attest/provenance.ts'
import type { SignedDocument } from '../../release/attest/statement.ts'
import { manifestDigest, type ReleaseManifest } from '../../release/manifest.ts'
import type { GateRecord } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface RunToAttest {
  readonly manifest: ReleaseManifest
  readonly spec: ProjectSpec
  readonly steps: PipelineResult
  readonly gates: readonly GateRecord[]
  readonly startedAt: Instant
  readonly sealedAt: Instant
}

/** Everything is in the store before the release that it speaks of is recorded. */
export async function attestRun(world: RunWorld, facts: RunToAttest): Promise<void> {
  const { manifest, gates } = facts
  const { folder } = manifest.artifact
  const documents = attestRelease({
    manifest,
    modelFiles: modelFilesOf(manifest, folder && (await world.content.readTree(folder.digest))),
    build: buildOf(facts),
    gates,
    keys: { release: world.signer, model: world.modelSigner },
  })
  for (const document of documents) await keepDocument(world, manifest, document)
}

async function keepDocument(
  { content, attestations, clock }: RunWorld,
  manifest: ReleaseManifest,
  { kind, mediaType, digest, bytes }: SignedDocument,
): Promise<void> {
  await content.putBytes(bytes)
  await attestations.add({
    ...{ release: manifestDigest(manifest), kind, mediaType, digest },
    ...{ size: bytes.length, addedAt: clock.now() },
  })
}

function buildOf({ spec, steps, startedAt, sealedAt }: RunToAttest): BuildFacts {
  const metrics = new Set(spec.steps.flatMap((step) => step.metrics))
  return {
    startedOn: toIso(startedAt),
    finishedOn: toIso(sealedAt),
    seeds: Object.fromEntries(
      spec.steps.flatMap(({ name, seed }) => (seed === null ? [] : [[name, seed]])),
    ),
    byproducts: steps.steps.flatMap(({ name, logDigest, outputs }) => [
      ...(logDigest === null
        ? []
        : [{ name: `log of ${name}`, digest: logDigest, mediaType: 'text/plain' }]),
      ...outputs
        .filter(({ path }) => metrics.has(path))
        .map(({ path, digest }) => ({
          name: `metrics ${path}`,
          digest,
          mediaType: path.endsWith('.json') ? 'application/json' : 'application/yaml',
        })),
    ]),
  }
}
