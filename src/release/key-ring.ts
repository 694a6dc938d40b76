// The keys this machine signs with: the project's own files, made on first use, or keys that were given. Rotation replaces the
// files; whoever asked for a signer before goes on with the new key.
import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LockstepError, sentenceOf } from '../foundation/errors.ts'
import {
  type KeyAlgorithm,
  keyFiles,
  newKey,
  openKeyFile,
  publicPathOf,
  type SigningKey,
  signingKeyOf,
} from './signing.ts'

export interface KeyRing {
  /** Signs releases and what is said about them. The current key at each use. */
  readonly release: SigningKey
  /** ECDSA P-256: signs models for tools that know no Ed25519. */
  readonly model: SigningKey
  /** Where the release key was given from; null for the project's own. */
  readonly givenFrom: string | null
  /** New keys from now on. The old private halves are removed: what was not signed with them never will be. */
  rotate(): Promise<void>
}

export interface KeyRingOptions {
  /** `.lockstep/keys` */
  readonly folder: string
  /** PEM text or the path of a PEM file, with one or two private keys; undefined: the project's own. */
  readonly given: string | undefined
}

/** The variable that gives keys. */
export const givenFrom = 'LOCKSTEP_SIGNING_KEY'

export async function openKeyRing({ folder, given }: KeyRingOptions): Promise<KeyRing> {
  const keys = given ? await givenKeys(given) : []
  const ofKind = (kind: KeyAlgorithm) => keys.find((key) => key.trusted.algorithm === kind)
  const open = (kind: KeyAlgorithm) => openKeyFile(join(folder, keyFiles[kind]), kind)
  // One P-256 key can sign both; an Ed25519 key needs one beside it.
  let release = ofKind('ed25519') ?? ofKind('ecdsa-p256') ?? (await open('ed25519'))
  let model = ofKind('ecdsa-p256') ?? (await open('ecdsa-p256'))
  return {
    release: following(() => release),
    model: following(() => model),
    givenFrom: given ? givenFrom : null,
    async rotate() {
      if (given) throw notOurs()
      await replaceKeys(folder)
      release = await open('ed25519')
      model = await open('ecdsa-p256')
    },
  }
}

function following(current: () => SigningKey): SigningKey {
  return {
    get keyId() {
      return current().keyId
    },
    get trusted() {
      return current().trusted
    },
    sign: (bytes) => current().sign(bytes),
  }
}

async function givenKeys(given: string): Promise<readonly SigningKey[]> {
  const isText = given.includes('-----BEGIN')
  const pem = isText
    ? given
    : await readFile(given, 'utf8').catch((error) => {
        throw unusable(`${given} cannot be read: ${sentenceOf(error)}`)
      })
  const blocks = pem.match(/-----BEGIN [^-]+-----[\s\S]+?-----END [^-]+-----/g) ?? []
  if (blocks.length === 0)
    throw unusable(isText ? 'it is no PEM text' : `${given} holds no PEM text`)
  return blocks.map((block) => signingKeyOf(`${block}\n`, isText ? givenFrom : given))
}

/** Both new keys are on the disk before either is put in place. */
async function replaceKeys(folder: string): Promise<void> {
  const kinds: readonly KeyAlgorithm[] = ['ed25519', 'ecdsa-p256']
  const drafts: (readonly [draft: string, path: string])[] = []
  try {
    for (const kind of kinds) {
      const path = join(folder, keyFiles[kind])
      const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
      drafts.push([draft, path])
      const pem = newKey(kind).export({ type: 'pkcs8', format: 'pem' })
      await writeFile(draft, pem, { flag: 'wx', mode: 0o600, flush: true })
      await chmod(draft, 0o600)
    }
    for (const [draft, path] of drafts) {
      await rename(draft, path)
      await rm(publicPathOf(path), { force: true })
    }
  } finally {
    for (const [draft] of drafts) await rm(draft, { force: true })
  }
}

function notOurs(): LockstepError {
  return new LockstepError({
    code: 'signing.key_given',
    kind: 'precondition',
    message: `the signing key comes from ${givenFrom}, so Lockstep cannot replace it`,
    hint: `make a new one where it is kept, start with it, then: lockstep keys revoke OLD or keep trusting the old one`,
  })
}

function unusable(seen: string): LockstepError {
  return new LockstepError({
    code: 'signing.key_unreadable',
    kind: 'invalid',
    message: `${givenFrom} cannot be used: ${seen}`,
    hint: 'give PEM text or the path of a PEM file with an Ed25519 or ECDSA P-256 private key',
  })
}
