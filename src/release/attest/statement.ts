// In-toto statements as bytes, and the form in which they are stored. Sources: in-toto attestation framework, Statement v1;
// Sigstore bundle v0.3.
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { AttestationKind } from '../attestations.ts'
import { hexOf, manifestSubject, statementType } from '../dsse.ts'
import { manifestDigest, type ReleaseManifest } from '../manifest.ts'

export const envelopeType = 'application/vnd.dsse.envelope.v1+json'
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

/** One signed document about a release, as it is stored. */
export interface SignedDocument {
  readonly kind: AttestationKind
  readonly mediaType: string
  readonly digest: Digest
  readonly bytes: Uint8Array
}

/** What in-toto calls a ResourceDescriptor: at least one of uri and digest is there. */
export interface Resource {
  readonly name?: string
  readonly uri?: string
  readonly digest?: Readonly<Record<string, string>>
  readonly mediaType?: string
  readonly annotations?: Readonly<Record<string, unknown>>
}

export interface AnyStatement {
  readonly subject: readonly Resource[]
  readonly predicateType: string
  readonly predicate: unknown
}

/** Canonical, so that the same facts are the same bytes. */
export function bytesOfStatement({ subject, predicateType, predicate }: AnyStatement): Uint8Array {
  const text = canonicalJson({ _type: statementType, subject, predicateType, predicate })
  return Buffer.from(text, 'utf8')
}

/** The model and the manifest, as in the release's own envelope: either digest leads to the statement. */
export function subjectsOf(manifest: ReleaseManifest): readonly Resource[] {
  return [
    { name: manifest.artifact.path, digest: sha256(manifest.artifact.digest) },
    { name: manifestSubject, digest: sha256(manifestDigest(manifest)) },
  ]
}

export function sha256(digest: Digest): { readonly sha256: string } {
  return { sha256: hexOf(digest) }
}
