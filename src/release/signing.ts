// Ed25519 keys on disk, and the check of an envelope against the keys that are trusted. The cryptography is node:crypto's.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { chmod, link, mkdir, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson } from '../foundation/canonical-json.ts'
import { digestOf } from '../foundation/digest.ts'
import { LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import type { Signer } from './dsse.ts'

export interface TrustedKey {
  /** `sha256:` of the public key's SPKI DER bytes. */
  readonly keyId: string
  readonly publicKeyPem: string
}

export interface SigningKey extends Signer {
  readonly trusted: TrustedKey
}

/**
 * The project's own key, made on first use: `release-ed25519.pem` (PKCS #8, mode 0600) and its public half beside it.
 * @throws LockstepError `signing.key_exposed` when others may read the key, `signing.key_unreadable`, `signing.disk`.
 */
export async function openSigningKey(folder: string): Promise<SigningKey> {
  const path = join(folder, 'release-ed25519.pem')
  const pem = (await readKey(path)) ?? (await makeKey(folder, path))
  const key = signingKeyOf(pem, path)
  await writeFile(join(folder, 'release-ed25519.pub.pem'), key.trusted.publicKeyPem).catch(() => {
    // The public half is a convenience for people; it is always derived from the private one.
  })
  return key
}

/** A key that was given, as PKCS #8 PEM text. `from` names it in errors. */
export function signingKeyOf(pem: string, from: string): SigningKey {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch (error) {
    throw unreadable(from, sentenceOf(error))
  }
  if (key.asymmetricKeyType !== 'ed25519') {
    throw unreadable(from, `it is a key of type ${key.asymmetricKeyType}`)
  }
  const trusted = trustedKeyOf(createPublicKey(key))
  return { keyId: trusted.keyId, trusted, sign: (bytes) => sign(null, bytes, key) }
}

/** A public key to trust, as PEM text. */
export function trustedKeyFrom(pem: string, from: string): TrustedKey {
  try {
    const key = createPublicKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return trustedKeyOf(key)
    throw new Error(`it is a key of type ${key.asymmetricKeyType}`)
  } catch (error) {
    throw unreadable(from, sentenceOf(error))
  }
}

export function isSignedBy(key: TrustedKey, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, bytes, createPublicKey(key.publicKeyPem), signature)
}

function trustedKeyOf(key: KeyObject): TrustedKey {
  return {
    keyId: digestOf(key.export({ type: 'spki', format: 'der' })),
    publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(),
  }
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
async function makeKey(folder: string, path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
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
    message: `The key ${from} cannot be used: ${seen}; an Ed25519 key in PEM form is expected.`,
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
