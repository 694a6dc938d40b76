// Keys that sign releases, and which of them are trusted, as one caller sees it.
import { type KeyWorld, keyNamed, revokeKey, rotateKeys, trustKeys } from '../../control/keys.ts'
import { resignRelease } from '../../control/resign-release.ts'
import { keyRecords } from '../../control/trust-source.ts'
import { type Deployment, deploymentKind } from '../../deliver/environments/deployment.ts'
import { toIso } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { openSigned } from '../../release/attest/attest-release.ts'
import { bundleType, envelopeType } from '../../release/attest/statement.ts'
import type { KeyRecord } from '../../release/key-record.ts'
import type { KeyRing } from '../../release/key-ring.ts'
import { readManifest } from '../../release/manifest.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import { verifySigned } from '../../release/verify-release.ts'
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { AttestationView, KeysView, KeyView, TrustApi } from '../contract/trust-routes.ts'
import { byIdOrNumber, modelOf } from '../queries.ts'

export function createTrustApi(world: ApiWorld, actor: Actor): TrustApi {
  const { store, ring, clock } = world
  const keys = (): KeyWorld => ({ store, ring, model: modelOf(world), now: clock.now() })
  const view = async (record: KeyRecord) => keyView(record, ring, await releasesOf(world))
  return {
    attestations: (name) => attestationsOf(world, name),
    keys: () => keysView(world),
    async trustKeys({ pem, because }) {
      return Promise.all((await trustKeys(keys(), pem, { actor, because })).map(view))
    },
    async rotateKeys({ because }) {
      return Promise.all((await rotateKeys(keys(), { actor, because })).map(view))
    },
    async revokeKey(name, { because }) {
      const { keyId } = await keyNamed(store, name)
      const key = await view(await revokeKey(keys(), keyId, { actor, because }))
      const lost = await withoutTrust(world, keyId)
      const serving = await servingOf(world, lost)
      return { key, releases: lost.map(({ number }) => number), serving }
    },
    async resignRelease(name, { because }) {
      const release: Release = await byIdOrNumber(world, releaseKind, name)
      const { attestations } = world.runWorld()
      const { content, trust } = world
      const added = await resignRelease(
        { store, content, trust, ring, attestations, now: clock.now() },
        release,
        { actor, because },
      )
      const { number, alias, digest } = release
      const documents = added.map((one) => ({ kind: one.kind, digest: one.digest }))
      return { release: number, alias, digest, keyId: ring.release.keyId, added: documents }
    },
  }
}

async function attestationsOf(world: ApiWorld, name: string): Promise<AttestationView[]> {
  const release: Release = await byIdOrNumber(world, releaseKind, name)
  const { content } = world
  const stored = await world.runWorld().attestations.of(release.digest)
  const text = async (digest: Digest, mediaType: string) => {
    const isText = /json|^text\//.test(mediaType)
    return isText ? (await content.read(digest)).toString('utf8') : null
  }
  const own = await text(release.envelopeDigest, envelopeType)
  const views: AttestationView[] = [
    {
      ...{ kind: 'envelope', mediaType: envelopeType, digest: release.envelopeDigest },
      ...{ size: Buffer.byteLength(own ?? ''), addedAt: null, text: own },
      predicateType: predicateIn(envelopeType, own),
    },
  ]
  for (const { kind, mediaType, digest, size, addedAt } of stored) {
    const said = size > mostText ? null : await text(digest, mediaType)
    const predicateType = predicateIn(mediaType, said)
    views.push({
      ...{ kind, mediaType, digest, size, predicateType, text: said },
      addedAt: toIso(addedAt),
    })
  }
  return views
}

function predicateIn(mediaType: string, text: string | null): string | null {
  if (text === null || (mediaType !== envelopeType && mediaType !== bundleType)) return null
  const open = openSigned(mediaType, Buffer.from(text))
  if (isRefusal(open)) return null
  const { predicateType } = JSON.parse(Buffer.from(open.body).toString('utf8'))
  return typeof predicateType === 'string' ? predicateType : null
}

/** Bytes. */
const mostText = 4_000_000

async function keysView(world: ApiWorld): Promise<KeysView> {
  const records = await keyRecords(world.store)
  const releases = await releasesOf(world)
  const declared = await world.trust.declared()
  const known = new Set(records.map(({ keyId }) => keyId))
  const fromFiles = declared.flatMap(({ path, keys }) =>
    keys
      .filter(({ keyId }) => !known.has(keyId))
      .map(
        (key): KeyView => ({
          ...{ ...key, phase: 'trusted', signs: null, origin: 'declared', by: 'lockstep.yaml' },
          ...{ because: `lockstep.yaml names ${path}`, knownSince: null, end: null },
          releases: sealedBy(releases, key.keyId),
        }),
      ),
  )
  return {
    keys: [...records.map((record) => keyView(record, world.ring, releases)), ...fromFiles],
    unreadable: declared.flatMap(({ path, trouble }) =>
      trouble === null ? [] : [{ path, because: trouble }],
    ),
  }
}

function keyView(record: KeyRecord, ring: KeyRing, releases: readonly Release[]): KeyView {
  const { keyId, algorithm, phase, origin, because, by, publicKeyPem, createdAt } = record
  const end = 'end' in record ? { ...record.end, at: toIso(record.end.at) } : null
  return {
    ...{ keyId, algorithm, phase, origin, because, by, publicKeyPem, end },
    signs: phase === 'trusted' ? signsHere(keyId, ring) : null,
    knownSince: toIso(createdAt),
    releases: sealedBy(releases, keyId),
  }
}

function signsHere(keyId: string, ring: KeyRing): KeyView['signs'] {
  const isRelease = ring.release.keyId === keyId
  const isModel = ring.model.keyId === keyId
  if (isRelease) return isModel ? 'releases and models' : 'releases'
  return isModel ? 'models' : null
}

function sealedBy(releases: readonly Release[], keyId: string): number[] {
  return releases
    .filter(({ signedBy }) => signedBy === keyId)
    .map(({ number }) => number)
    .sort((a, b) => a - b)
}

function releasesOf(world: ApiWorld): Promise<Release[]> {
  return world.store.list<Release>(releaseKind, { limit: Number.MAX_SAFE_INTEGER })
}

/** Sealed by this key, and no other signature of theirs counts. */
async function withoutTrust(world: ApiWorld, keyId: string): Promise<Release[]> {
  const { content, trust } = world
  const lost: Release[] = []
  for (const release of await releasesOf(world)) {
    if (release.signedBy !== keyId) continue
    const read = readManifest((await content.read(release.manifestDigest)).toString('utf8'))
    const request = { release, readObject: content.read, ...(await trust.of(release)) }
    if (isRefusal(read) || isRefusal(await verifySigned(request, read))) lost.push(release)
  }
  return lost.sort((a, b) => a.number - b.number)
}

async function servingOf(world: ApiWorld, releases: readonly Release[]): Promise<string[]> {
  const deployments: Deployment[] = await world.store.list(deploymentKind)
  return releases.flatMap(({ id, number }) =>
    deployments
      .filter(({ stable }) => stable?.releaseId === id)
      .map(({ environment }) => `${environment} serves ${number}`),
  )
}
