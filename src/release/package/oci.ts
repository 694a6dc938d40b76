// The OCI documents a release is packed in: descriptors and image manifests, written canonically and read with suspicion.
// Sources: OCI image spec 1.1 (manifest.md, descriptor.md, image-layout.md), OCI distribution spec 1.1 (referrers).
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { type Digest, digestOf, isDigest } from '../../foundation/digest.ts'
import { type Refusal, refuse } from '../../foundation/refusal.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageManifest {
  readonly schemaVersion: 2
  readonly mediaType: typeof mediaTypes.manifest
  readonly artifactType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  empty: 'application/vnd.oci.empty.v1+json',
  model: 'application/vnd.cncf.model.manifest.v1+json',
  modelConfig: 'application/vnd.cncf.model.config.v1+json',
  weight: 'application/vnd.cncf.model.weight.v1.raw',
  weightConfig: 'application/vnd.cncf.model.weight.config.v1.tar',
  doc: 'application/vnd.cncf.model.doc.v1.raw',
  code: 'application/vnd.cncf.model.code.v1.tar',
  release: 'application/vnd.lockstep.release.v1+json',
  releaseManifest: 'application/vnd.lockstep.release.manifest.v1+json',
  envelope: 'application/vnd.dsse.envelope.v1+json',
  document: 'application/vnd.lockstep.document.v1',
} as const

/** The config of artifacts that have none: `{}` by the image specification. */
export const emptyConfig = {
  bytes: Buffer.from('{}'),
  descriptor: describe('{}', mediaTypes.empty),
}

/** Registries refuse bigger manifests, so nobody can make us hold one in memory. */
export const largestManifest = 4 << 20

export function describe(bytes: string | Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) }
}

/** Canonical, so that equal content has one digest. */
export function manifestBytes(manifest: ImageManifest): Buffer {
  return Buffer.from(canonicalJson(manifest), 'utf8')
}

/** An image manifest of anyone's making; every field Lockstep reads is checked. */
export function parseImageManifest(bytes: Uint8Array): ImageManifest | Refusal {
  const value = parseObject(bytes)
  if (!value) return refuse('package.manifest_unreadable', 'it is not a JSON object')
  if (value.schemaVersion !== 2 || value.mediaType !== mediaTypes.manifest) {
    return refuse(
      'package.manifest_unreadable',
      `it is no OCI image manifest: its media type is ${JSON.stringify(value.mediaType) ?? 'absent'}, expected ${mediaTypes.manifest}`,
    )
  }
  const { artifactType, config, layers, subject, annotations } = value
  if (typeof artifactType !== 'string' || !isDescriptor(config))
    return refuse('package.manifest_unreadable', 'it has no artifactType or no config')
  if (!Array.isArray(layers) || layers.length > 2000 || !layers.every(isDescriptor))
    return refuse('package.manifest_unreadable', 'its layers are no list of descriptors')
  if (subject !== undefined && !isDescriptor(subject))
    return refuse('package.manifest_unreadable', 'its subject is no descriptor')
  if (annotations !== undefined && !isTextMap(annotations))
    return refuse('package.manifest_unreadable', 'its annotations are no texts')
  return value as unknown as ImageManifest
}

/** The entries of an index: of a layout, of a referrers list. */
export function parseIndex(bytes: Uint8Array): readonly Descriptor[] | Refusal {
  const value = parseObject(bytes)
  const entries = value?.manifests
  if (!Array.isArray(entries) || entries.length > 10_000 || !entries.every(isDescriptor))
    return refuse('package.index_unreadable', 'it is no OCI index with a list of manifests')
  return entries
}

export function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isDescriptor(value: unknown): value is Descriptor {
  if (typeof value !== 'object' || value === null) return false
  const { mediaType, digest, size, artifactType, annotations } = value as Record<string, unknown>
  return (
    typeof mediaType === 'string' &&
    typeof digest === 'string' &&
    isDigest(digest) &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0 &&
    (artifactType === undefined || typeof artifactType === 'string') &&
    (annotations === undefined || isTextMap(annotations))
  )
}

function isTextMap(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  )
}
