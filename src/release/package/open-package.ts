// Reads what a package claims to be: one model manifest, one release record about it, attestations. Only small documents are read; nothing is believed yet.
import { type Digest, digestOf } from '../../foundation/digest.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { aliasOf } from '../alias.ts'
import type { Attestation, AttestationKind } from '../attestations.ts'
import type { ReleaseClaims } from '../verify-release.ts'
import { type BlobShelf, readAll } from './blob-shelf.ts'
import {
  type Descriptor,
  type ImageManifest,
  largestManifest,
  mediaTypes,
  parseImageManifest,
} from './oci.ts'
import { annotationKeys, attestationType } from './pack-release.ts'

export interface OpenedPackage {
  readonly root: Descriptor
  readonly manifest: ImageManifest
  readonly record: ImageManifest
  /** Everything there is about the model: the record and the attestations. */
  readonly referrers: readonly Descriptor[]
  readonly claims: ReleaseClaims
  readonly attestations: readonly Attestation[]
  /** Layers and configs of all of them, each once. */
  readonly blobs: readonly Descriptor[]
}

export async function openPackage(shelf: BlobShelf): Promise<OpenedPackage | Refusal> {
  const read: { descriptor: Descriptor; manifest: ImageManifest }[] = []
  for (const descriptor of shelf.index) {
    if (descriptor.mediaType !== mediaTypes.manifest) continue
    const manifest = await readImageManifest(shelf, descriptor)
    if (isRefusal(manifest)) return manifest
    read.push({ descriptor, manifest })
  }
  const models = read.filter(({ manifest }) => manifest.artifactType === mediaTypes.model)
  const [root] = models
  if (!root || models.length > 1)
    return refuse('package.not_one_model', `it holds ${models.length} models; a release has one`)
  const about = read.filter(({ manifest }) => manifest.subject?.digest === root.descriptor.digest)
  const records = about.filter(({ manifest }) => manifest.artifactType === mediaTypes.release)
  const [record] = records
  if (!record || records.length > 1)
    return refuse(
      'package.no_record',
      records.length === 0
        ? 'it holds a model but no Lockstep release record that refers to it'
        : `it holds ${records.length} release records for one model`,
    )
  const claims = claimsOf(root.manifest, record.manifest)
  if (isRefusal(claims)) return claims
  const attested = about.flatMap(({ manifest }) => attestationOf(manifest, claims.manifestDigest))
  const manifests = [root, ...about].map(({ manifest }) => manifest)
  const blobs = manifests.flatMap(({ layers, config }) => [...layers, config])
  const once = new Map<Digest, Descriptor>()
  for (const blob of blobs) {
    const known = once.get(blob.digest)
    if (known && known.size !== blob.size)
      return refuse('package.size_differs', `it states two sizes for blob ${blob.digest}`)
    if (!known) once.set(blob.digest, blob)
  }
  return {
    root: root.descriptor,
    manifest: root.manifest,
    record: record.manifest,
    referrers: about.map(({ descriptor }) => descriptor),
    claims,
    attestations: attested,
    blobs: [...once.values()],
  }
}

export async function readImageManifest(
  shelf: BlobShelf,
  descriptor: Descriptor,
): Promise<ImageManifest | Refusal> {
  const place = await shelf.locate(descriptor.digest)
  if (!place) return refuse('package.blob_missing', `the manifest ${descriptor.digest} is missing`)
  if (place.size > largestManifest)
    return refuse(
      'package.manifest_too_big',
      `the manifest ${descriptor.digest} has ${place.size} bytes`,
    )
  const bytes = await readAll(place)
  const digest = digestOf(bytes)
  if (digest !== descriptor.digest)
    return refuse(
      'package.manifest_changed',
      `the manifest ${descriptor.digest} was changed: its bytes have the digest ${digest}`,
    )
  const manifest = parseImageManifest(bytes)
  return isRefusal(manifest)
    ? refuse(manifest.refused, `the manifest ${descriptor.digest}: ${manifest.because}`)
    : manifest
}

function claimsOf(model: ImageManifest, record: ImageManifest): ReleaseClaims | Refusal {
  const only = (manifest: ImageManifest, mediaType: string) => {
    const layers = manifest.layers.filter((layer) => layer.mediaType === mediaType)
    return layers.length === 1 ? layers[0] : undefined
  }
  const release = only(record, mediaTypes.releaseManifest)
  const envelope = only(record, mediaTypes.envelope)
  const weight = only(model, mediaTypes.weight)
  if (!release || !envelope || !weight)
    return refuse(
      'package.record_incomplete',
      'it must have one model file, one release manifest and one signature',
    )
  const number = record.annotations?.[annotationKeys.number] ?? ''
  return {
    number: /^[1-9]\d{0,8}$/.test(number) ? Number(number) : 0,
    alias: aliasOf(release.digest),
    manifestDigest: release.digest,
    envelopeDigest: envelope.digest,
    modelDigest: weight.digest,
  }
}

/** Kinds a newer Lockstep may write are carried along; what is no attestation is left alone. */
function attestationOf(manifest: ImageManifest, release: Digest): Attestation[] {
  const kind = manifest.annotations?.[annotationKeys.kind] ?? ''
  const [layer] = manifest.layers
  if (!/^[a-z][a-z-]{0,40}$/.test(kind) || manifest.artifactType !== attestationType(kind))
    return []
  if (!layer || manifest.layers.length !== 1) return []
  const at = Date.parse(manifest.annotations?.[annotationKeys.created] ?? '')
  return [
    {
      ...{ release, kind: kind as AttestationKind, mediaType: layer.mediaType },
      ...{ digest: layer.digest, size: layer.size, addedAt: Number.isFinite(at) ? at : 0 },
    },
  ]
}
