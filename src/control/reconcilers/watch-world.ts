// What monitors and triggers need: the same store and declarations as delivery, tables to count in, and the captures.
import type { Tables } from '../../build/tables/duckdb.ts'
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../deliver/environments/deployment.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { ModelSignature } from '../../serve/protocol/tensor.ts'
import type { DatasetProfile } from '../../verify/data/profile.ts'
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
  return JSON.parse(
    (await world.content.read(release.manifestDigest)).toString('utf8'),
  ) as ReleaseManifest
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
