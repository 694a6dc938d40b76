// The release as an OCI image layout in `.lockstep/oci`: any tool that reads OCI can take it from there. Its blobs share the bytes
// of the content store, and the whole folder can be made again from it.
import { sentenceOf } from '../../foundation/errors.ts'
import { type LayoutFolder, openLayoutFolder } from '../../release/package/layout-folder.ts'
import { type PackedRelease, packRelease } from '../../release/package/pack-release.ts'
import type { Release } from '../../release/release.ts'
import type { RunWorld } from './run-world.ts'

type PackageWorld = Pick<RunWorld, 'content' | 'attestations' | 'folder' | 'store' | 'logger'>
type ReleaseToPack = Pick<Release, 'id' | 'digest' | 'envelopeDigest' | 'signedBy' | 'number'>

export interface PackagedRelease {
  readonly layout: LayoutFolder
  readonly packed: PackedRelease
}

export async function packageRelease(
  world: PackageWorld,
  release: ReleaseToPack,
): Promise<PackagedRelease> {
  const { content } = world
  const layout = await openLayoutFolder(world.folder.packages)
  const attestations = await world.attestations.of(release.digest)
  const number = await originalNumber(world, release)
  return { layout, packed: await packRelease({ release, number, attestations, content, layout }) }
}

/** A run that sealed a release has done its work: a layout that cannot be written now is written when it is asked for. */
export async function packageSealed(world: PackageWorld, release: ReleaseToPack): Promise<void> {
  try {
    await packageRelease(world, release)
  } catch (error) {
    world.logger.warn('release was sealed but not packaged yet', {
      release: release.id,
      error: sentenceOf(error),
    })
  }
}

/** A release that came from elsewhere keeps the number it was sealed under, so that it is packed into the same bytes. */
async function originalNumber(
  { store }: PackageWorld,
  { id, number }: ReleaseToPack,
): Promise<number> {
  const events = await store.events({ objectId: id, limit: 1000 })
  const received = events.find((event) => event.type === 'release.received')
  const original = received?.details?.originalNumber
  return typeof original === 'number' ? original : number
}
