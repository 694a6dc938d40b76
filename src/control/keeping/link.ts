// What keeps what: a root is something people rely on, a link names one object it needs, and why.
import type { Digest } from '../../foundation/digest.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'

/** How to read what lies behind a link: `file` has nothing behind it; `unknown` is looked at. */
export type LinkKind = 'file' | 'tree' | 'manifest' | 'document' | 'unknown'

/** What the object is to a person; what lies behind it is of the same sort. */
export type Sort = 'release' | 'code' | 'step output' | 'log' | 'evidence' | 'object'

export interface Link {
  readonly digest: Digest
  readonly kind: LinkKind
  readonly sort: Sort
  /** `its model model.onnx`: completes "release 3 names …". */
  readonly says: string
}

export type RootKind = 'release' | 'environment' | 'pin' | 'run' | 'action'

export interface Root {
  readonly kind: RootKind
  /** `release 3 (quiet-otter)`, `environment production`. */
  readonly name: string
  /** Why it is a root: `every release is kept`. */
  readonly because: string
  readonly links: readonly Link[]
}

export function link(digest: Digest, kind: LinkKind, sort: Sort, says: string): Link {
  return { digest, kind, sort, says }
}

/** Everything a release's record names; what a later version of the record adds is followed without being known by name. */
export function linksOfManifest(manifest: ReleaseManifest, text: string): Link[] {
  const { artifact, code, environment, gates, pipeline } = manifest
  const named: Link[] = [
    link(artifact.digest, 'file', 'release', `its model ${artifact.path}`),
    link(gates.evidence, 'document', 'evidence', 'the evidence of its gates'),
    link(gates.definition, 'document', 'release', 'the definition of its gates'),
    link(pipeline.definition, 'document', 'release', 'the definition of its pipeline'),
    ...optional(code.tree, 'tree', 'code', 'its code'),
    ...optional(manifest.referenceProfile, 'file', 'release', 'its monitoring baseline'),
    ...optional(manifest.card, 'document', 'release', 'the facts of its model card'),
    ...optional(artifact.folder?.digest, 'tree', 'release', `its folder ${artifact.folder?.path}`),
    ...environment.runtimes.map((runtime) =>
      link(runtime.lock, 'file', 'release', `the lock file ${runtime.lockPath}`),
    ),
    ...pipeline.steps.flatMap((step) =>
      step.outputs.map((output) =>
        link(output.digest, kindOfOutput(output), 'step output', `${output.path} of ${step.name}`),
      ),
    ),
  ]
  return withOthers(named, text)
}

/** The first version of the record did not say which outputs were folders: what is not called one is looked at. */
function kindOfOutput({ kind }: { readonly kind: 'file' | 'tree' }): LinkKind {
  return kind === 'tree' ? 'tree' : 'unknown'
}

/** The links that are known by name, and every other digest in the text. */
export function withOthers(named: readonly Link[], text: string): Link[] {
  const known = new Set(named.map((one) => one.digest))
  const others = digestsIn(text).filter((digest) => !known.has(digest))
  return [...named, ...others.map((digest) => link(digest, 'unknown', 'object', 'what it names'))]
}

/** Conservative: whatever looks like a digest counts, in Lockstep's form and in in-toto's, also inside a signed payload. */
export function digestsIn(text: string): Digest[] {
  const found = new Set<Digest>()
  for (const part of [text, ...payloadOf(text)]) {
    for (const [whole] of part.matchAll(/sha256:[0-9a-f]{64}/g)) found.add(whole as Digest)
    for (const [, hex] of part.matchAll(/"sha256"\s*:\s*"([0-9a-f]{64})"/g)) {
      found.add(`sha256:${hex}`)
    }
  }
  return [...found]
}

/** The base64 payload of a DSSE envelope, wherever it stands. */
function payloadOf(text: string): string[] {
  return [...text.matchAll(/"payload"\s*:\s*"([A-Za-z0-9+/=_-]+)"/g)].map(([, base64]) =>
    Buffer.from(base64 ?? '', 'base64').toString('utf8'),
  )
}

function optional(
  digest: Digest | null | undefined,
  kind: LinkKind,
  sort: Sort,
  says: string,
): Link[] {
  return digest ? [link(digest, kind, sort, says)] : []
}
