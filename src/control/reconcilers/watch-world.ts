// What monitors and triggers need: the same store and declarations as delivery, tables to count in, and the captures.
import type { Tables } from '../../build/tables/duckdb.ts'
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../deliver/environments/deployment.ts'
import type { LocateModel } from '../../deliver/platforms/local/local-platform.ts'
import { type Digest, digestOfFile, digestOfJson } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal, type Refusal } from '../../foundation/refusal.ts'
import { keyCodes } from '../../release/key-codes.ts'
import { parseManifest, type ReleaseManifest } from '../../release/manifest.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import { verifyRelease } from '../../release/verify-release.ts'
import type { ModelSignature } from '../../serve/protocol/tensor.ts'
import type { DatasetProfile } from '../../verify/data/profile/profile.ts'
import type { Run } from '../runs/run.ts'
import type { TrustInRelease, TrustSource } from '../trust-source.ts'
import type { DeliveryWorld } from './delivery-world.ts'

export interface WatchWorld extends DeliveryWorld {
  readonly tables: () => Promise<Tables>
  /** `.lockstep/captures` */
  readonly captures: string
  /** `.lockstep/spool` */
  readonly spool: string
  /** Digest of everything a run started now would use. */
  readonly inputsDigest: () => Promise<string>
}

export async function manifestOf(
  world: DeliveryWorld,
  releaseId: string,
): Promise<ReleaseManifest> {
  const release: Release = await world.store.get(releaseKind, releaseId)
  const manifest = parseManifest(
    (await world.content.read(release.manifestDigest)).toString('utf8'),
  )
  if (!isRefusal(manifest)) return manifest
  throw new LockstepError({
    code: manifest.refused,
    kind: 'precondition',
    message: `release ${release.number}: ${manifest.because}`,
  })
}

/** Who wrote what a release was made from; of one that was made elsewhere its signed manifest says it. */
export async function authorsOf(
  world: DeliveryWorld,
  releaseId: string,
  run: Run | undefined,
): Promise<readonly string[]> {
  if (run) return run.code?.authors ?? []
  const manifest = await manifestOf(world, releaseId).catch(() => null)
  return manifest?.code.authors ?? []
}

/** Null when every byte of the release is what was signed, by a key whose signature counts. */
export async function integrityOf(
  { content }: Pick<DeliveryWorld, 'content'>,
  release: Release,
  trust: TrustInRelease,
): Promise<Refusal | null> {
  const verified = await verifyRelease({
    ...{ release, ...trust },
    readObject: (digest) => content.read(digest),
    hashObject: (digest) => digestOfFile(content.pathOf(digest)),
  })
  return isRefusal(verified) ? verified : null
}

export type StoredReleases = Pick<DeliveryWorld, 'store' | 'content'>

/**
 * Where a release's model lies, once every byte of the release has been verified; what cannot be verified is never served.
 * Only when nothing is wrong but the key, what an environment relies on already stays up: taking its answers away is another
 * decision than distrusting a key, and a person makes it.
 */
export function locateVerified(world: StoredReleases, trust: TrustSource): LocateModel {
  // A replica hashes its model again whenever it starts; the rest is checked once per process and trust.
  const answers = new Map<string, { readonly under: Digest; readonly refusal: Refusal | null }>()
  return async (releaseId) => {
    const release: Release = await world.store.get(releaseKind, releaseId)
    const asked = await trust.of(release)
    const under = digestOfJson([
      asked.trustedKeys.map(({ keyId }) => keyId),
      [...asked.revoked],
      asked.addedEnvelopes,
    ])
    let answer = answers.get(releaseId)
    if (answer?.under !== under || (answer.refusal && !keyCodes.includes(answer.refusal.refused))) {
      answer = { under, refusal: await integrityOf(world, release, asked) }
      answers.set(releaseId, answer)
    }
    const { refusal } = answer
    if (refusal && !(keyCodes.includes(refusal.refused) && (await isReliedOn(world, releaseId)))) {
      // Its keeper looks at it now: quarantine also ends a rollout that would wait for it without end.
      if (release.phase === 'sealed' || release.phase === 'blocked')
        await world.store.wake(releaseKind.name, releaseId, release.createdAt)
      throw new LockstepError({
        code: refusal.refused,
        kind: 'precondition',
        message: `release ${release.number} may not serve: ${refusal.because}`,
      })
    }
    return { modelPath: world.content.pathOf(release.modelDigest), digest: release.modelDigest }
  }
}

/** It answers now, or it is the way back. A candidate is neither. */
async function isReliedOn({ store }: StoredReleases, releaseId: string): Promise<boolean> {
  const deployments: Deployment[] = await store.list(deploymentKind)
  return deployments.some(({ stable, previous, leaving }) =>
    [stable, previous, ...leaving].some((one) => one?.releaseId === releaseId),
  )
}

/** Undefined for a release this store does not know: its captured rows cannot be typed and are left out. */
export async function signatureOf(
  world: DeliveryWorld,
  releaseId: string,
): Promise<ModelSignature | undefined> {
  const known = await world.store.find(releaseKind, releaseId)
  return known && ((await manifestOf(world, releaseId)).artifact.signature as ModelSignature)
}

export async function profileOf(
  world: DeliveryWorld,
  releaseId: string,
): Promise<DatasetProfile | null> {
  const release: Release = await world.store.get(releaseKind, releaseId)
  if (release.profileDigest === null) return null
  return JSON.parse(
    (await world.content.read(release.profileDigest)).toString('utf8'),
  ) as DatasetProfile
}

export async function servingRelease(
  world: DeliveryWorld,
  environment: string,
): Promise<string | null> {
  const id = deploymentId(world.spec().model.name, environment)
  const deployment: Deployment | undefined = await world.store.find(deploymentKind, id)
  return deployment?.stable?.releaseId ?? null
}
