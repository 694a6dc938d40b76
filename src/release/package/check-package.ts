// Checks a package part by part, offline: that its blobs are what they are named, that it says what the sealed release says, and the release itself.
import { decodeTree } from '../../build/artifacts/artifact.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { checkRelease } from '../attest/check-release.ts'
import type { CheckedPart } from '../attest/checked-part.ts'
import { type ReleaseManifest, readManifest } from '../manifest.ts'
import type { TrustedKey } from '../signing.ts'
import type { BlobShelf } from './blob-shelf.ts'
import { type Descriptor, mediaTypes, parseObject } from './oci.ts'
import type { OpenedPackage } from './open-package.ts'
import { objectsOf, type PackageObjects } from './package-objects.ts'

/** Whose signatures count. */
export interface PackageTrust {
  readonly trustedKeys: readonly TrustedKey[]
  /** Key id → why it was revoked. */
  readonly revoked?: ReadonlyMap<string, string>
}

export async function checkPackage(
  shelf: BlobShelf,
  opened: OpenedPackage,
  trust: PackageTrust,
): Promise<readonly CheckedPart[]> {
  const objects = await objectsOf(shelf, opened)
  const parts = [held('package manifest', opened.root.digest)]
  for (const layer of opened.manifest.layers)
    parts.push(await checkBlob(objects, layer, `layer ${pathOf(layer)}`))
  parts.push(await checkBlob(objects, opened.manifest.config, 'model config'))
  const bytes = await objects.readObject(opened.claims.manifestDigest).catch(() => undefined)
  const read = bytes && readManifest(Buffer.from(bytes).toString('utf8'))
  if (read && !isRefusal(read)) {
    parts.push(await checkForm(objects, opened, read.manifest))
    parts.push(...(await checkTars(objects, opened, read.manifest)))
  }
  const added = opened.attestations.filter(({ kind }) => kind === 'envelope')
  const release = await checkRelease({
    release: opened.claims,
    readObject: objects.readObject,
    hashObject: objects.hashObject,
    ...trust,
    addedEnvelopes: added.map(({ digest }) => digest),
    attestations: opened.attestations,
  })
  return [...parts, ...release]
}

async function checkBlob(
  objects: PackageObjects,
  blob: Descriptor,
  part: string,
): Promise<CheckedPart> {
  const place = await objects.placeOf(blob.digest)
  if (!place) return { part, ok: false, because: `the blob ${blob.digest} is missing` }
  if (place.size !== blob.size)
    return { part, ok: false, because: `it has ${place.size} bytes, ${blob.size} are stated` }
  const found = await objects.hashObject(blob.digest)
  return found === blob.digest
    ? held(part, blob.digest)
    : { part, ok: false, because: `its bytes have the digest ${found}, stated is ${blob.digest}` }
}

/** What other tools read must not tell another story than what was signed. */
async function checkForm(
  objects: PackageObjects,
  { manifest, root }: OpenedPackage,
  release: ReleaseManifest,
): Promise<CheckedPart> {
  const part = 'package form'
  const weight = manifest.layers.find((layer) => layer.mediaType === mediaTypes.weight)
  if (weight && pathOf(weight) !== release.artifact.path)
    return {
      part,
      ok: false,
      because: `its model lies at ${pathOf(weight)}, sealed was ${release.artifact.path}`,
    }
  const bytes = await objects.readObject(manifest.config.digest).catch(() => Buffer.alloc(0))
  const config = parseObject(bytes) as
    | { descriptor?: { name?: unknown }; modelfs?: { diffIds?: unknown } }
    | undefined
  const layers = JSON.stringify(manifest.layers.map((layer) => layer.digest))
  if (
    config?.descriptor?.name !== release.model ||
    JSON.stringify(config.modelfs?.diffIds) !== layers
  )
    return { part, ok: false, because: 'its config names another model or other layers' }
  const known: readonly string[] = knownLayers
  const strange = manifest.layers.find((layer) => !known.includes(layer.mediaType))
  if (strange)
    return {
      part,
      ok: false,
      because: `it has a layer of type ${strange.mediaType}, which a release never has`,
    }
  return {
    part,
    ok: true,
    because: `a ModelPack model of ${manifest.layers.length} layers, ${root.digest}`,
  }
}

const knownLayers = [mediaTypes.weight, mediaTypes.weightConfig, mediaTypes.doc, mediaTypes.code]

/** A file under a wrong name would be as bad as a wrong file. */
async function checkTars(
  objects: PackageObjects,
  { manifest }: OpenedPackage,
  release: ReleaseManifest,
): Promise<CheckedPart[]> {
  const { artifact, code } = release
  const parts: CheckedPart[] = []
  for (const layer of manifest.layers) {
    const isCode = layer.mediaType === mediaTypes.code
    if (!isCode && layer.mediaType !== mediaTypes.weightConfig) continue
    const tree = isCode ? code.tree : (artifact.folder?.digest ?? null)
    const folder = isCode ? 'code' : (artifact.folder?.path ?? '')
    const without = isCode ? null : artifact.digest
    const because = await differenceOf(objects, layer, { tree, folder, without })
    parts.push({
      part: `files in layer ${pathOf(layer)}`,
      ok: because === null,
      because: because ?? `they are the files of the sealed tree ${tree}`,
    })
  }
  return parts
}

interface SealedTree {
  readonly tree: Digest | null
  readonly folder: string
  readonly without: Digest | null
}

async function differenceOf(
  objects: PackageObjects,
  layer: Descriptor,
  { tree, folder, without }: SealedTree,
): Promise<string | null> {
  const files = objects.filesOf(layer)
  if (isRefusal(files)) return `it is no plain tar: ${files.because}`
  if (tree === null) return 'the sealed release has no such files'
  const text = await objects.readObject(tree).catch(() => undefined)
  const entries = text ? decodeTree(Buffer.from(text).toString('utf8')) : undefined
  if (!entries || isRefusal(entries))
    return `the list of its files, ${tree}, is missing or unreadable`
  const line = (name: string, mode: string, digest: string) => `${name} ${mode} ${digest}`
  const sealed = new Set(
    entries
      .filter(({ digest }) => digest !== without)
      .map(({ path, mode, digest }) => line(`${folder}/${path}`, mode, digest)),
  )
  const stranger = files.find(({ name, mode, digest }) => !sealed.delete(line(name, mode, digest)))
  if (stranger) return `${stranger.name} is not as it was sealed`
  const [lost] = sealed
  return lost === undefined ? null : `${lost.split(' ')[0]} is missing`
}

function held(part: string, digest: Digest): CheckedPart {
  return { part, ok: true, because: `its bytes have the digest ${digest}` }
}

export function pathOf(layer: Descriptor): string {
  return layer.annotations?.['org.cncf.model.filepath'] ?? layer.digest
}
