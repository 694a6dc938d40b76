// Keys on the way of a release: what a revoked key signed goes no further, what serves stays up, a new signature brings it back.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rotateKeys, trustKeys } from '../../../src/control/keys.ts'
import { locateVerified } from '../../../src/control/reconcilers/watch-world.ts'
import { type ResignWorld, resignRelease } from '../../../src/control/resign-release.ts'
import { openTrust, type TrustSource } from '../../../src/control/trust-source.ts'
import type { Digest } from '../../../src/foundation/digest.ts'
import { parseProject } from '../../../src/project/parse-project.ts'
import { smallProject } from '../../../src/project/sample-project.ts'
import { createAttestationStore } from '../../../src/release/attestations.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { key, modelKey } from '../../../src/release/sample-release.ts'
import { newKey, signingKeyOf } from '../../../src/release/signing.ts'
import { verifyChain } from '../../../src/store/event-chain.ts'
import { DeliveryStage } from './delivery-stage.ts'

const fresh = signingKeyOf(
  newKey('ed25519').export({ type: 'pkcs8', format: 'pem' }).toString(),
  'a new key',
)
const olga = { actor: 'person:olga', because: 'the laptop was stolen' } as const

let stage: DeliveryStage
let trust: TrustSource
beforeEach(async () => {
  stage = await DeliveryStage.open()
  const { spec } = parseProject(smallProject)
  if (!spec) throw new Error('the small project is wrong')
  const attestations = createAttestationStore(stage.db)
  trust = openTrust({
    ...{ store: stage.store, attestations, projectDir: stage.dir },
    spec: () => spec,
  })
})
afterEach(() => stage.close())

const api = () => stage.api('person:olga')
const releases = () => stage.store.list<Release>(releaseKind)
const phaseOf = async (id: string) => (await stage.store.get<Release>(releaseKind, id)).phase

async function deliver(number: number): Promise<string> {
  const id = await stage.seal(number)
  await stage.approve(await stage.promotionIn('production', number, 'awaiting_approval'))
  await stage.promotionIn('production', number, 'succeeded')
  return id
}

/** A control plane that signs with another key, which people trust. */
async function newSigner(read: Digest[] = []): Promise<ResignWorld> {
  const { store, content, clock, db } = stage
  const ring = { release: fresh, model: modelKey, givenFrom: null, rotate: async () => {} }
  const world = { store, ring, model: 'income', now: clock.now() }
  await trustKeys(world, fresh.trusted.publicKeyPem, { ...olga, because: 'the new key' })
  const watched = {
    ...content,
    read: (digest: Digest) => {
      read.push(digest)
      return content.read(digest)
    },
  }
  const attestations = createAttestationStore(db)
  return { store, content: watched, attestations, trust, ring, now: clock.now() }
}

test('a revoked key: its releases go to quarantine, what serves stays up, and the next one does not start', async () => {
  const serving = await deliver(1)
  const next = await stage.seal(2)
  const revoked = await api().revokeKey(key.keyId, { because: olga.because })
  expect(revoked).toMatchObject({
    key: { phase: 'revoked', end: { by: 'person:olga' } },
    releases: [1, 2],
    serving: ['staging serves 1', 'production serves 1'],
  })
  await stage.until(
    () => phaseOf(next),
    (phase) => phase === 'quarantined',
  )
  const [second] = await releases()
  expect(second).toMatchObject({
    objection: { because: expect.stringContaining('revoked by person:olga') },
  })
  expect(stage.serving('production')).toMatchObject({ stable: { number: 1 } })
  const locate = locateVerified(stage, trust)
  expect(await locate(serving)).toMatchObject({ modelPath: expect.any(String) })
  await expect(locate(next)).rejects.toMatchObject({ code: 'release.key_revoked' })
  expect(await verifyChain(stage.db)).toMatchObject({ intact: true })
})

test('signed again by a trusted key it comes out of quarantine, the same release; the model is not read', async () => {
  const id = await stage.seal(1)
  await api().revokeKey(key.keyId, { because: olga.because })
  await stage.until(
    () => phaseOf(id),
    (phase) => phase === 'quarantined',
  )
  const before: Release = await stage.store.get(releaseKind, id)
  const read: Digest[] = []
  const world = await newSigner(read)
  const added = await resignRelease(world, before, { ...olga, because: 'rebuilt and compared' })
  expect(added.map(({ kind }) => kind)).toEqual(['envelope', 'model-signature'])
  expect(new Set(read)).toEqual(new Set([before.manifestDigest, before.envelopeDigest]))
  await stage.until(
    () => phaseOf(id),
    (phase) => phase === 'sealed',
  )
  const after: Release = await stage.store.get(releaseKind, id)
  expect([after.digest, after.number, after.signedBy]).toEqual([
    before.digest,
    before.number,
    before.signedBy,
  ])
  expect(await locateVerified(stage, trust)(id)).toMatchObject({ digest: after.modelDigest })
  expect(await resignRelease(world, after, olga)).toEqual([])
  const types = (await stage.store.events({ objectId: id })).map(({ type }) => type)
  expect(types).toEqual([
    'release.sealed',
    'release.quarantined',
    'release.signed',
    'release.cleared',
  ])
})

test('a candidate under way is taken back when its key is revoked', async () => {
  await deliver(1)
  stage.requests = 200
  await stage.seal(2)
  await stage.approve(await stage.promotionIn('production', 2, 'awaiting_approval'))
  await stage.until(
    async () => stage.serving('production')?.candidateBp ?? 0,
    (share) => share > 0,
  )
  await api().revokeKey(key.keyId, { because: olga.because })
  await stage.until(
    async () => stage.serving('production'),
    (model) => model?.candidate === null,
  )
  expect(stage.serving('production')).toMatchObject({ stable: { number: 1 }, candidateBp: 0 })
})

test('a retired key still vouches for what was recorded before, and for nothing after', async () => {
  const before = await stage.seal(1)
  stage.clock.advance(1000)
  const { store, clock } = stage
  let current = key
  const ring = {
    ...{ model: modelKey, givenFrom: null },
    get release() {
      return current
    },
    rotate: async () => {
      current = fresh
    },
  }
  await rotateKeys({ store, ring, model: 'income', now: clock.now() }, olga)
  stage.clock.advance(1000)
  const after = await stage.seal(2)
  const locate = locateVerified(stage, trust)
  expect(await locate(before)).toMatchObject({ digest: expect.any(String) })
  await expect(locate(after)).rejects.toThrow(/retired on .*, and this release was recorded later/)
})

test('a revoked key cannot be trusted again, by nobody', async () => {
  await api().revokeKey(key.keyId.slice(0, 20), { because: olga.because })
  await expect(
    api().trustKeys({ pem: key.trusted.publicKeyPem, because: 'please' }),
  ).rejects.toMatchObject({ code: 'key.revoked' })
  await expect(api().revokeKey(key.keyId, { because: 'again' })).rejects.toMatchObject({
    code: 'key.revoked',
  })
  await expect(api().revokeKey('xyz', { because: 'who' })).rejects.toMatchObject({
    code: 'key.unknown',
  })
  const trusted = (await trust.forNewcomers()).trustedKeys
  expect(trusted.map(({ keyId }) => keyId)).toEqual([modelKey.keyId])
})
