// A release as OCI artifacts: the model in CNCF ModelPack form for everyone, and what only Lockstep knows in referrers beside it.
// The same release gives the same digests on every machine and in every project.
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { toIso } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { aliasOf } from '../alias.ts'
import type { Attestation } from '../attestations.ts'
import { markdownCard } from '../card/card-markdown.ts'
import { bareFacts } from '../card/card-request.ts'
import { readCardFacts } from '../card/read-facts.ts'
import { type ReadManifest, readManifest } from '../manifest.ts'
import type { Release } from '../release.ts'
import { documentsOf } from '../verify-release.ts'
import type { LayoutFolder } from './layout-folder.ts'
import { layerAnnotations, modelConfig } from './model-config.ts'
import {
  type Descriptor,
  describe,
  emptyConfig,
  type ImageManifest,
  manifestBytes,
  mediaTypes,
} from './oci.ts'
import { packTree } from './pack-tree.ts'

export interface PackRequest {
  readonly release: Pick<Release, 'digest' | 'envelopeDigest' | 'signedBy'>
  /** Its number in the project that sealed it. */
  readonly number: number
  readonly attestations: readonly Attestation[]
  readonly content: ContentStore
  readonly layout: LayoutFolder
}

/** Everything lies in the layout; the blobs include the configs. */
export interface PackedRelease {
  readonly root: Descriptor
  readonly referrers: readonly Descriptor[]
  readonly blobs: readonly Descriptor[]
}

export const annotationKeys = {
  release: 'dev.lockstep.release',
  number: 'dev.lockstep.release.number',
  project: 'dev.lockstep.project',
  kind: 'dev.lockstep.attestation',
  title: 'org.opencontainers.image.title',
  created: 'org.opencontainers.image.created',
} as const

/** Attestations travel as `application/vnd.lockstep.attestation.<kind>.v1`. */
export const attestationType = (kind: string) => `application/vnd.lockstep.attestation.${kind}.v1`

export async function packRelease(request: PackRequest): Promise<PackedRelease> {
  const { content, layout, release } = request
  const read = readManifest((await content.read(release.digest)).toString('utf8'))
  if (isRefusal(read)) {
    throw new LockstepError({ code: read.refused, kind: 'precondition', message: read.because })
  }
  const packed: Descriptor[] = [emptyConfig.descriptor]
  await layout.putBytes(emptyConfig.bytes)
  const put = async (manifest: ImageManifest) => {
    packed.push(...manifest.layers, manifest.config)
    const bytes = manifestBytes(manifest)
    await layout.putBytes(bytes)
    return { ...describe(bytes, mediaTypes.manifest), artifactType: manifest.artifactType }
  }
  const root = await put(await modelManifest(request, read))
  const referrers = [await put(await recordManifest(request, read, root))]
  for (const attestation of request.attestations) {
    if (attestation.digest === release.envelopeDigest) continue
    await layout.share(content, attestation.digest)
    referrers.push(await put(attestationManifest(attestation, root)))
  }
  await layout.list([root, ...referrers])
  const blobs = [...new Map(packed.map((blob) => [blob.digest, blob])).values()]
  return { root, referrers, blobs }
}

async function modelManifest(request: PackRequest, read: ReadManifest): Promise<ImageManifest> {
  const { content, layout, release } = request
  const { manifest } = read
  const { artifact, code } = manifest
  await layout.share(content, artifact.digest)
  const layers: Descriptor[] = [
    {
      mediaType: mediaTypes.weight,
      digest: artifact.digest,
      size: artifact.size,
      annotations: layerAnnotations(artifact),
    },
  ]
  if (artifact.folder) {
    const besideModel = await packTree({
      ...{ content, layout, tree: artifact.folder.digest, without: artifact.digest },
      ...{ folder: artifact.folder.path, mediaType: mediaTypes.weightConfig },
    })
    if (besideModel) layers.push(besideModel)
  }
  layers.push(await docLayer(request, read))
  if (code.tree !== null) {
    if (!(await content.has(code.tree))) throw incomplete('code tree', code.tree)
    const tree = await packTree({
      ...{ content, layout, tree: code.tree, without: null },
      ...{ folder: 'code', mediaType: mediaTypes.code },
    })
    if (tree) layers.push(tree)
  }
  const config = modelConfig(manifest, layers)
  await layout.putBytes(config)
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.model,
    config: describe(config, mediaTypes.modelConfig),
    layers,
    annotations: {
      [annotationKeys.release]: release.digest,
      [annotationKeys.project]: manifest.project,
      [annotationKeys.created]: manifest.createdAt,
      [annotationKeys.title]: manifest.model,
      'org.opencontainers.image.version': aliasOf(release.digest),
      ...(code.commit === null ? {} : { 'org.opencontainers.image.revision': code.commit }),
    },
  }
}

/** The card that was made when it was sealed; cards made later are referrers only, so that the digest stays. */
async function docLayer(
  { content, layout, release, number, attestations }: PackRequest,
  { manifest }: ReadManifest,
): Promise<Descriptor> {
  const card = attestations.find(
    ({ kind, mediaType }) => kind === 'card' && mediaType.startsWith('text/markdown'),
  )
  const facts = (await readCardFacts(manifest, content.read)) ?? bareFacts(manifest, [])
  const bytes = card
    ? await content.read(card.digest)
    : Buffer.from(markdownCard({ manifest, number, facts, signedBy: release.signedBy }))
  await layout.putBytes(bytes)
  return {
    ...describe(bytes, mediaTypes.doc),
    annotations: layerAnnotations({ path: 'README.md', size: bytes.length }),
  }
}

/** What makes it a release: the sealed manifest, the signature, and every document they name. */
async function recordManifest(
  { content, layout, release, number }: PackRequest,
  read: ReadManifest,
  root: Descriptor,
): Promise<ImageManifest> {
  const { artifact, environment } = read.manifest
  const named: [title: string, digest: Digest][] = documentsOf(read)
    .map(({ part, digest }): [string, Digest] => [part, digest])
    .concat(artifact.folder ? [['model folder', artifact.folder.digest]] : [])
    .concat(environment.runtimes.map(({ lockPath, lock }) => [`lock file ${lockPath}`, lock]))
  const layers = [
    await recordLayer('release', mediaTypes.releaseManifest, release.digest),
    await recordLayer('signature', mediaTypes.envelope, release.envelopeDigest),
  ]
  for (const [title, digest] of named) {
    layers.push(await recordLayer(title, mediaTypes.document, digest))
  }
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: mediaTypes.release,
    config: emptyConfig.descriptor,
    layers,
    subject: root,
    annotations: {
      [annotationKeys.release]: release.digest,
      [annotationKeys.number]: String(number),
    },
  }

  async function recordLayer(
    title: string,
    mediaType: string,
    digest: Digest,
  ): Promise<Descriptor> {
    if (!(await content.has(digest))) throw incomplete(title, digest)
    const { length } = await content.read(digest)
    await layout.share(content, digest)
    return { mediaType, digest, size: length, annotations: { [annotationKeys.title]: title } }
  }
}

function attestationManifest(attestation: Attestation, root: Descriptor): ImageManifest {
  const { kind, mediaType, digest, size, addedAt } = attestation
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: attestationType(kind),
    config: emptyConfig.descriptor,
    layers: [{ mediaType, digest, size }],
    subject: root,
    annotations: {
      [annotationKeys.kind]: kind,
      [annotationKeys.created]: toIso(addedAt),
    },
  }
}

/** Whoever receives it could not verify it. */
function incomplete(part: string, digest: Digest): LockstepError {
  return new LockstepError({
    code: 'package.release_incomplete',
    kind: 'precondition',
    message: `the release cannot be packed: its ${part} ${digest} is not in the content store`,
    hint: 'lockstep run seals it anew with everything it needs',
  })
}
