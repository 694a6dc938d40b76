// The model's signature as the OpenSSF model-signing tools read it: a Sigstore bundle around a statement about every file.
// Source: sigstore/model-transparency 1.1, signing.py, sign_ec_key.py, manifest.py. Its tools know no Ed25519, hence ECDSA P-256.
import { createHash } from 'node:crypto'
import type { TreeEntry } from '../../build/artifacts/artifact.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { type Digest, digestOf } from '../../foundation/digest.ts'
import { hexOf, type Signer, signedEnvelope } from '../dsse.ts'
import type { ReleaseManifest } from '../manifest.ts'
import type { SigningKey } from '../signing.ts'
import { bundleType, bytesOfStatement, type SignedDocument } from './statement.ts'

export const modelPredicate = 'https://model_signing/signature/v1.0'

export interface ModelFile {
  /** Where it lies below the model's folder, with forward slashes. */
  readonly path: string
  readonly digest: Digest
}

/**
 * The files of a model, where a pulled package puts them. Only stored digests: no byte of the model is read, so signing
 * takes as long for a large model as for a small one.
 */
export function modelFilesOf(
  { artifact }: ReleaseManifest,
  folder: readonly TreeEntry[] | null,
): readonly ModelFile[] {
  if (artifact.folder === null || folder === null)
    return [{ path: artifact.path, digest: artifact.digest }]
  const { path: top } = artifact.folder
  return folder.map(({ path, digest }) => ({ path: `${top}/${path}`, digest }))
}

/** Sorted by path; the root is over the digests in that order. It does not cover the names: the statement does. */
export function modelStatement(name: string, files: readonly ModelFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)))
  const resources = sorted.map(({ path, digest }) => ({
    name: path,
    algorithm: 'sha256',
    digest: hexOf(digest),
  }))
  return bytesOfStatement({
    subject: [{ name, digest: { sha256: rootOf(resources) } }],
    predicateType: modelPredicate,
    predicate: {
      serialization: { method: 'files', hash_type: 'sha256', allow_symlinks: false },
      resources,
    },
  })
}

export function rootOf(resources: readonly { readonly digest: string }[]): string {
  const hash = createHash('sha256')
  for (const { digest } of resources) hash.update(Buffer.from(digest, 'hex'))
  return hash.digest('hex')
}

/** An ECDSA signature differs each time it is made, and so do the bundle's bytes; the statement in it does not. */
export function modelBundle(statement: Uint8Array, key: SigningKey): SignedDocument {
  const { payload, payloadType, signatures } = signedEnvelope(statement, withoutName(key))
  const bundle = {
    mediaType: bundleType,
    verificationMaterial: {
      publicKey: { hint: hintOf(key.trusted.publicKeyPem) },
      tlogEntries: [],
    },
    dsseEnvelope: { payload, payloadType, signatures },
  }
  const bytes = Buffer.from(canonicalJson(bundle), 'utf8')
  return { kind: 'model-signature', mediaType: bundleType, digest: digestOf(bytes), bytes }
}

/** How those tools tell which key it was: sha256 over the PEM text. */
export function hintOf(publicKeyPem: string): string {
  return createHash('sha256').update(publicKeyPem).digest('hex')
}

/** Bundles name the key by the hint, not in the envelope. */
function withoutName(signer: Signer): Signer {
  return { keyId: '', sign: (bytes) => signer.sign(bytes) }
}
