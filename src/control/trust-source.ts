// Whose signatures this project accepts right now: its own keys, those that lockstep.yaml declares, those that people trusted,
// without the revoked ones. Read anew at each question, so that a revocation counts at once.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Digest } from '../foundation/digest.ts'
import { sentenceOf } from '../foundation/errors.ts'
import type { ProjectSpec } from '../project/project-spec.ts'
import type { AttestationStore } from '../release/attestations.ts'
import {
  decideTrust,
  type KeyRecord,
  keyKind,
  keyRecordId,
  type Trust,
} from '../release/key-record.ts'
import type { KeyRing } from '../release/key-ring.ts'
import type { Release } from '../release/release.ts'
import { type TrustedKey, trustedKeysFrom } from '../release/signing.ts'
import type { Actor, Change } from '../store/object.ts'
import type { ObjectStore } from '../store/object-store.ts'

export interface TrustWorld {
  readonly store: ObjectStore
  readonly attestations: AttestationStore
  readonly spec: () => ProjectSpec
  readonly projectDir: string
}

/** A file that lockstep.yaml names under trust, and what is in it. One that cannot be read is trusted in nothing. */
export interface DeclaredKeys {
  readonly path: string
  readonly keys: readonly TrustedKey[]
  readonly trouble: string | null
}

export interface TrustInRelease extends Trust {
  readonly addedEnvelopes: readonly Digest[]
}

export interface TrustSource {
  /** For a release of this project. */
  of(release: Pick<Release, 'digest' | 'createdAt'>): Promise<TrustInRelease>
  /** For one that comes in now. */
  forNewcomers(): Promise<Trust>
  declared(): Promise<readonly DeclaredKeys[]>
}

export function openTrust(world: TrustWorld): TrustSource {
  const declared = () =>
    Promise.all(world.spec().trust.keys.map((path) => readDeclared(world, path)))
  const ask = async (recordedAt: number | null): Promise<Trust> => {
    const [records, files] = await Promise.all([keyRecords(world.store), declared()])
    return decideTrust({ records, declared: files.flatMap(({ keys }) => keys), recordedAt })
  }
  return {
    async of({ digest, createdAt }) {
      const stored = await world.attestations.of(digest)
      const added = stored.filter(({ kind }) => kind === 'envelope')
      return { ...(await ask(createdAt)), addedEnvelopes: added.map((one) => one.digest) }
    },
    forNewcomers: () => ask(null),
    declared,
  }
}

export function keyRecords(store: ObjectStore): Promise<KeyRecord[]> {
  return store.list<KeyRecord>(keyKind, { limit: Number.MAX_SAFE_INTEGER })
}

async function readDeclared({ projectDir }: TrustWorld, path: string): Promise<DeclaredKeys> {
  try {
    const pem = await readFile(resolve(projectDir, path), 'utf8')
    return { path, keys: trustedKeysFrom(pem, path), trouble: null }
  } catch (error) {
    return { path, keys: [], trouble: sentenceOf(error) }
  }
}

/** The keys that sign here are known to the project from their first use on, and stay so when they are replaced. */
export async function introduceKeys(
  store: ObjectStore,
  ring: KeyRing,
  model: string,
): Promise<void> {
  const both = new Map([ring.release, ring.model].map(({ trusted }) => [trusted.keyId, trusted]))
  for (const trusted of both.values()) {
    if (await store.find(keyKind, keyRecordId(trusted.keyId))) continue
    const isGiven = ring.givenFrom !== null && trusted.keyId === ring.release.keyId
    const because = isGiven ? `it was given by ${ring.givenFrom}` : 'it was made on this machine'
    const change = newKey(trusted, {
      model,
      because,
      by: 'system:loop',
      origin: isGiven ? 'given' : 'made',
    })
    // Another command may have introduced it at the same moment.
    await store.commit({ changes: [change] }).catch(async (error) => {
      if (!(await store.find(keyKind, keyRecordId(trusted.keyId)))) throw error
    })
  }
}

export interface Introduction {
  readonly model: string
  readonly because: string
  readonly by: Actor
  readonly origin: KeyRecord['origin']
}

export function newKey(
  { keyId, algorithm, publicKeyPem }: TrustedKey,
  { model, because, by, origin }: Introduction,
): Change<KeyRecord> {
  return {
    kind: keyKind,
    expect: null,
    object: {
      ...{ id: keyRecordId(keyId), phase: 'trusted', model, environment: null, parentId: null },
      ...{ number: null, wakeAt: null, keyId, algorithm, publicKeyPem, origin, because, by },
    },
    event: {
      type: 'key.trusted',
      actor: by,
      because: `the key ${keyId} (${algorithm}) is trusted: ${because}`,
      details: { keyId, algorithm, origin },
    },
  }
}
