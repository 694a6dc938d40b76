// What other tools read about the model: the ModelPack config, which allows its own fields only. Everything else Lockstep knows is in referrers.
// Source: CNCF ModelPack model-spec v0.0.7, its page "config" and its config schema (additionalProperties: false).
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { aliasOf } from '../alias.ts'
import { manifestDigest, type ReleaseManifest } from '../manifest.ts'
import type { Descriptor } from './oci.ts'

/** Names nothing local (no release number), so that every project packs the same bytes. */
export function modelConfig(manifest: ReleaseManifest, layers: readonly Descriptor[]): Buffer {
  const { code, artifact } = manifest
  return Buffer.from(
    canonicalJson({
      descriptor: {
        createdAt: manifest.createdAt,
        ...(code.authors.length > 0 ? { authors: code.authors } : {}),
        name: manifest.model,
        title: manifest.project,
        version: aliasOf(manifestDigest(manifest)),
        ...(code.commit === null ? {} : { revision: code.commit }),
      },
      config: {
        format: artifact.format,
        capabilities: { inputTypes: ['other'], outputTypes: ['other'] },
      },
      modelfs: { type: 'layers', diffIds: layers.map((layer) => layer.digest) },
    }),
    'utf8',
  )
}

interface LayerFile {
  readonly path: string
  readonly size: number
  readonly mode?: '0644' | '0755'
  /** `5` for a layer that is a tar of a folder. */
  readonly type?: '0' | '5'
}

/** Where the layer's bytes belong; time and owner are constants, so that packing is reproducible. */
export function layerAnnotations(file: LayerFile): Record<string, string> {
  const { path, size, mode = '0644', type = '0' } = file
  return {
    'org.cncf.model.filepath': path,
    // What general OCI tools name the file they write.
    'org.opencontainers.image.title': type === '5' ? `${path}.tar` : path,
    'org.cncf.model.file.metadata+json': canonicalJson({
      name: path.split('/').at(-1) ?? path,
      mode: Number.parseInt(type === '5' ? '0755' : mode, 8),
      uid: 0,
      gid: 0,
      size: type === '5' ? 0 : size,
      mtime: '1970-01-01T00:00:00Z',
      typeflag: Number(type),
    }),
  }
}
