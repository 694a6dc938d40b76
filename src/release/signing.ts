// Signing keys on disk, and the check of a signature against a key. The cryptography is node:crypto's.
// Ed25519 signs releases and what is said about them; ECDSA P-256 signs the model for tools that know no Ed25519.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { chmod, link, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { canonicalJson } from '../foundation/canonical-json.ts'
import { digestOf } from '../foundation/digest.ts'
import { LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import { makeFolder } from '../foundation/make-folder.ts'
import type { Signer } from './dsse.ts'

export type KeyAlgorithm = 'ed25519' | 'ecdsa-p256'

export interface TrustedKey {
  /** `sha256:` of the public key's SPKI DER bytes. */
  readonly keyId: string
  readonly algorithm: KeyAlgorithm
  readonly publicKeyPem: string
}

export interface SigningKey extends Signer {
  readonly trusted: TrustedKey
}

/**
 * The project's own release key, made on first use: `release-ed25519.pem` (PKCS #8, mode 0600) and its public half beside it.
 * @throws LockstepError `signing.key_exposed` when others may read the key, `signing.key_unreadable`, `signing.disk`.
 */
export function openSigningKey(folder: string): Promise<SigningKey> {
  return openKeyFile(join(folder, keyFiles.ed25519), 'ed25519')
}

/** The file of the current key of each kind, in `.lockstep/keys`. */
export const keyFiles: Readonly<Record<KeyAlgorithm, string>> = {
  ed25519: 'release-ed25519.pem',
  'ecdsa-p256': 'model-ecdsa-p256.pem',
}

/** The key in this file, made when there is none. */
export async function openKeyFile(path: string, algorithm: KeyAlgorithm): Promise<SigningKey> {
  const pem = (await readKey(path)) ?? (await makeKey(path, algorithm))
  const key = signingKeyOf(pem, path)
  if (key.trusted.algorithm !== algorithm)
    throw unreadable(
      path,
      `it is a key of type ${key.trusted.algorithm}, ${algorithm} belongs here`,
    )
  await writeFile(publicPathOf(path), key.trusted.publicKeyPem).catch(() => {
    // The public half is a convenience for people; it is always derived from the private one.
  })
  return key
}

export function publicPathOf(path: string): string {
  return path.replace(/\.pem$/, '.pub.pem')
}

/** A key that was given, as PKCS #8 PEM text. `from` names it in errors. */
export function signingKeyOf(pem: string, from: string): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (error) {
    throw unreadable(from, sentenceOf(error))
  }
  const trusted = trustedKeyOf(createPublicKey(key), from)
  const hash = hashes[trusted.algorithm]
  return { keyId: trusted.keyId, trusted, sign: (bytes) => sign(hash, bytes, key) }
}

/** Every public key in a PEM text. */
export function trustedKeysFrom(pem: string, from: string): readonly TrustedKey[] {
  const blocks = pem.match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/g) ?? [pem]
  return blocks.map((block) => trustedKeyFrom(`${block}\n`, from))
}

/** A public key to trust, as PEM text. */
export function trustedKeyFrom(pem: string, from: string): TrustedKey {
  if (pem.includes('PRIVATE KEY'))
    throw unreadable(from, 'it holds a private key, which must stay where it signs')
  try {
    return trustedKeyOf(createPublicKey(pem), from)
  } catch (error) {
    throw error instanceof LockstepError ? error : unreadable(from, sentenceOf(error))
  }
}

export function isSignedBy(key: TrustedKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(hashes[key.algorithm], bytes, createPublicKey(key.publicKeyPem), signature)
}

/** Ed25519 has its hash built in. */
const hashes: Readonly<Record<KeyAlgorithm, string | null>> = {
  ed25519: null,
  'ecdsa-p256': 'sha256',
}

function trustedKeyOf(key: KeyObject, from: string): TrustedKey {
  return {
    keyId: digestOf(key.export({ type: 'spki', format: 'der' })),
    algorithm: algorithmOf(key, from),
    publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

function algorithmOf(key: KeyObject, from: string): KeyAlgorithm {
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519'
  if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return 'ecdsa-p256'
  throw unreadable(from, `it is a key of type ${key.asymmetricKeyType}${curve ? ` ${curve}` : ''}`)
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path)
    // Windows has no such bits: every file reports 0666 there.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw exposed(path, mode)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    if (error instanceof LockstepError) throw error
    throw disk(path, error)
  }
}

/** Linked into place, so that of two processes starting together one key wins and both use it. */
async function makeKey(path: string, algorithm: KeyAlgorithm): Promise<string> {
  const privateKey = newKey(algorithm)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await makeFolder(dirname(path))
    await chmod(dirname(path), 0o700)
    await writeFile(draft, pem, { flag: 'wx', mode: 0o600, flush: true })
    await chmod(draft, 0o600)
    await link(draft, path)
    return pem
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return await readFile(path, 'utf8')
    throw disk(path, error)
  } finally {
    await unlink(draft).catch(() => {})
  }
}

export function newKey(algorithm: KeyAlgorithm): KeyObject {
  return algorithm === 'ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

function exposed(path: string, mode: number): LockstepError {
  return new LockstepError({
    code: 'signing.key_exposed',
    kind: 'precondition',
    message: `The signing key ${path} may be read by others (mode ${(mode & 0o777).toString(8)}, allowed 600), so its signatures prove nothing.`,
    hint: `Run chmod 600 ${canonicalJson(path)} if nobody else had access; otherwise delete it and let Lockstep make a new one.`,
  })
}

function unreadable(from: string, seen: string): LockstepError {
  return new LockstepError({
    code: 'signing.key_unreadable',
    kind: 'invalid',
    message: `The key ${from} cannot be used: ${seen}; an Ed25519 or ECDSA P-256 key in PEM form is expected.`,
    hint: 'Make one with: openssl genpkey -algorithm ed25519',
  })
}

function disk(path: string, error: unknown): LockstepError {
  return new LockstepError({
    code: 'signing.disk',
    kind: 'unavailable',
    message: `The signing key ${path} cannot be read or written: ${sentenceOf(error)}`,
    hint: 'Check the owner and the free space of its folder.',
    cause: error,
  })
}
