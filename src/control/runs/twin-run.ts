// The earlier run that a new one would only repeat.
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { type Clock, toIso } from '../../foundation/clock.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import { type EvidenceDocument, readEvidence } from '../../verify/gates/evidence-document.ts'
import { servingRelease } from './datasets/dataset-history.ts'
import { standsToday } from './gating/standing-verdicts.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import { type EndedRun, type Run, runKind } from './run.ts'

export interface TwinWorld {
  readonly store: ObjectStore
  readonly content: ContentStore
  readonly clock: Clock
}

/** The newest successful run of the whole pipeline with the same inputs, whose release is still whole and would be judged the same today. */
export async function twinOf(
  { store, content, clock }: TwinWorld,
  model: string,
  { inputsDigest, code, project }: Pick<ResolvedInputs, 'inputsDigest' | 'code' | 'project'>,
): Promise<EndedRun | undefined> {
  const earlier: Run[] = await store.list(runKind, { model, limit: 200 })
  const twins = earlier.filter(
    (other): other is EndedRun =>
      other.phase === 'succeeded' &&
      other.releaseId !== null &&
      other.inputsDigest === inputsDigest &&
      // What was sealed from uncommitted changes is no record of the commit they became.
      (code.dirty || other.code?.dirty !== true),
  )
  const champion =
    twins.length === 0 ? undefined : await servingRelease({ store, content }, project.spec)
  const today = {
    date: toIso(clock.now()).slice(0, 'yyyy-mm-dd'.length),
    champion: champion ? { releaseId: champion.id, digest: champion.modelDigest } : null,
  }
  for (const twin of twins) {
    const release = await store.get<Release>(releaseKind, twin.releaseId ?? '')
    if (!release || !(await isWhole(content, release))) continue
    const evidence = await evidenceOf(content, twin)
    if (evidence && standsToday(evidence, { ...today, releaseId: release.id })) return twin
  }
  return undefined
}

async function evidenceOf(
  content: ContentStore,
  { evidenceDigest }: EndedRun,
): Promise<EvidenceDocument | undefined> {
  if (evidenceDigest === null) return undefined
  const bytes = await content.read(evidenceDigest).catch(() => undefined)
  return bytes && readEvidence(JSON.parse(bytes.toString('utf8')))
}

/** A release whose objects were lost or damaged is no reason to do nothing. Its documents are read; of what may be big the presence is enough. */
async function isWhole(content: ContentStore, release: Release): Promise<boolean> {
  const manifest = await content
    .read(release.manifestDigest)
    .then((bytes): ReleaseManifest => JSON.parse(bytes.toString('utf8')))
    .catch(() => null)
  if (manifest === null) return false
  const card = manifest.card ? [manifest.card] : []
  const documents = [release.envelopeDigest, manifest.gates.evidence, ...card]
  const profile = release.profileDigest ? [release.profileDigest] : []
  const { digest, size } = manifest.artifact
  const intact = await Promise.all(
    [...documents, ...profile].map((document) => content.verify(document)),
  )
  const hasModel = await content.holds({ kind: 'file', digest, size, mode: '0644' })
  return hasModel && intact.every((state) => state === 'intact')
}
