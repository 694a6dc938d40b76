// A stored tree as one tar layer: sorted, without times or owners, so that equal trees give equal layers.
import { createHash } from 'node:crypto'
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import type { Digest } from '../../foundation/digest.ts'
import { streamOf } from './blob-shelf.ts'
import type { LayoutFolder } from './layout-folder.ts'
import { layerAnnotations } from './model-config.ts'
import type { Descriptor } from './oci.ts'
import { type TarSource, tarOf, tarSize } from './tar-write.ts'

export interface PackTreeRequest {
  readonly content: ContentStore
  readonly layout: LayoutFolder
  readonly tree: Digest
  /** Files with this digest have a layer of their own. */
  readonly without: Digest | null
  /** The folder the files lie in, for whoever unpacks the layer. */
  readonly folder: string
  readonly mediaType: string
}

/** Undefined when there is no file to pack. */
export async function packTree(request: PackTreeRequest): Promise<Descriptor | undefined> {
  const { content, layout, tree, without, folder, mediaType } = request
  const entries = (await content.readTree(tree))
    .filter(({ digest }) => digest !== without)
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(
      ({ path, digest, size, mode }): TarSource => ({
        ...{ name: `${folder}/${path}`, size, mode },
        open: () => streamOf({ path: content.pathOf(digest), offset: 0, size }),
      }),
    )
  if (entries.length === 0) return undefined
  const size = tarSize(entries)
  const hash = createHash('sha256')
  for await (const chunk of tarOf(entries)) hash.update(chunk)
  const layer: Descriptor = {
    mediaType,
    digest: `sha256:${hash.digest('hex')}`,
    size,
    annotations: layerAnnotations({ path: folder, size, type: '5' }),
  }
  await layout.putStream(layer, tarOf(entries))
  return layer
}
