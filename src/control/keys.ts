// What people do with keys: trust, rotate, revoke. Each is one commit with its event; reading trust anew makes it count at once.
import { LockstepError } from '../foundation/errors.ts'
import { type KeyRecord, keyKind, keyRecordId } from '../release/key-record.ts'
import type { KeyRing } from '../release/key-ring.ts'
import { type Release, releaseKind } from '../release/release.ts'
import { trustedKeysFrom } from '../release/signing.ts'
import { type Actor, draftOf } from '../store/object.ts'
import type { ObjectStore } from '../store/object-store.ts'
import { introduceKeys, keyRecords, newKey } from './trust-source.ts'

export interface KeyWorld {
  readonly store: ObjectStore
  readonly ring: KeyRing
  readonly model: string
  readonly now: number
}

export interface Word {
  readonly actor: Actor
  readonly because: string
}

/** Every public key in the PEM text. A key known already stays as it is; a revoked one stays revoked, and that is said. */
export async function trustKeys(
  { store, model }: KeyWorld,
  pem: string,
  { actor, because }: Word,
): Promise<readonly KeyRecord[]> {
  const keys = trustedKeysFrom(pem, 'the given PEM text')
  for (const trusted of keys) {
    const known = await store.find(keyKind, keyRecordId(trusted.keyId))
    if (known && known.phase !== 'trusted') throw ended(known)
    if (known) continue
    await store.commit({
      changes: [newKey(trusted, { model, because, by: actor, origin: 'added' })],
    })
  }
  return Promise.all(keys.map(({ keyId }) => store.get(keyKind, keyRecordId(keyId))))
}

/** New keys sign from now on. The old ones are believed for what was recorded before, and sign nothing any more. */
export async function rotateKeys(world: KeyWorld, word: Word): Promise<readonly KeyRecord[]> {
  const { store, ring, model } = world
  const old = [ring.release.keyId, ring.model.keyId]
  await ring.rotate()
  await introduceKeys(store, ring, model)
  for (const keyId of new Set(old)) {
    const record = await store.find(keyKind, keyRecordId(keyId))
    if (record?.phase === 'trusted') await end(world, record, { ...word, phase: 'retired' })
  }
  return Promise.all(
    [ring.release, ring.model].map(({ keyId }) => store.get(keyKind, keyRecordId(keyId))),
  )
}

/** A key that signs here is replaced first, so that the next release has one that counts. */
export async function revokeKey(world: KeyWorld, keyId: string, word: Word): Promise<KeyRecord> {
  const { store, ring } = world
  const isOurs = [ring.release.keyId, ring.model.keyId].includes(keyId)
  if (isOurs && ring.givenFrom === null)
    await rotateKeys(world, { ...word, because: `before ${keyId} was revoked: ${word.because}` })
  const record = await store.get(keyKind, keyRecordId(keyId))
  if (record.phase === 'revoked') throw ended(record)
  await end(world, record, { ...word, phase: 'revoked' })
  await wakeReleases(world)
  return store.get(keyKind, record.id)
}

/** By its id or the beginning of it, with or without `sha256:`. */
export async function keyNamed(store: ObjectStore, name: string): Promise<KeyRecord> {
  const wanted = name.replace(/^sha256:/, '')
  const all = await keyRecords(store)
  const found = /^[0-9a-f]{4,64}$/.test(wanted)
    ? all.filter(({ keyId }) => keyId.startsWith(`sha256:${wanted}`))
    : []
  const [only, another] = found
  if (only && !another) return only
  throw new LockstepError({
    code: 'key.unknown',
    kind: only ? 'invalid' : 'not_found',
    message: only
      ? `${found.length} keys begin with '${name}'`
      : `no key '${name}' is known; at least four hex digits of its id are needed`,
    hint: 'the keys of this project: lockstep keys',
  })
}

/** Whoever looks after releases looks at each of them again: some may have lost the only signature that counted. */
export async function wakeReleases({ store, now }: KeyWorld): Promise<void> {
  const releases: Release[] = await store.list(releaseKind, { limit: Number.MAX_SAFE_INTEGER })
  for (const release of releases) await store.wake(releaseKind.name, release.id, now)
}

async function end(
  { store, now }: KeyWorld,
  record: KeyRecord,
  { phase, actor, because }: Word & { readonly phase: 'retired' | 'revoked' },
): Promise<void> {
  const event = {
    type: `key.${phase}`,
    actor,
    because: `the key ${record.keyId} is ${phase}: ${because}`,
    details: { keyId: record.keyId, algorithm: record.algorithm },
  }
  const object = { ...draftOf(record), phase, end: { because, by: actor, at: now } }
  await store.commit({ changes: [{ kind: keyKind, object, expect: record.revision, event }] })
}

function ended({ keyId, phase, ...rest }: KeyRecord): LockstepError {
  const word = 'end' in rest ? ` by ${rest.end.by}: ${rest.end.because}` : ''
  return new LockstepError({
    code: `key.${phase}`,
    kind: 'conflict',
    message: `the key ${keyId} is ${phase}${word}`,
    hint: 'there is no way back; make another key, and sign again what it signed: lockstep keys resign RELEASE',
  })
}
