// The keys of a machine: its own, made once and replaced on demand, or given from outside.
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openKeyRing } from './key-ring.ts'
import { isSignedBy, newKey } from './signing.ts'

const folders: string[] = []
const folder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'lockstep-ring-'))
  folders.push(path)
  return path
}
afterAll(async () => {
  for (const path of folders) await rm(path, { recursive: true })
})
const pem = (kind: 'ed25519' | 'ecdsa-p256') =>
  newKey(kind).export({ type: 'pkcs8', format: 'pem' }).toString()

test('two keys are made, and rotation replaces both under whoever holds the ring', async () => {
  const keys = join(await folder(), 'keys')
  const ring = await openKeyRing({ folder: keys, given: undefined })
  const { release, model } = ring
  const [first, second] = [release.trusted, model.trusted]
  expect([first.algorithm, second.algorithm]).toEqual(['ed25519', 'ecdsa-p256'])
  await ring.rotate()
  expect(release.keyId).not.toBe(first.keyId)
  expect(model.keyId).not.toBe(second.keyId)
  const bytes = Buffer.from('said')
  expect(isSignedBy(release.trusted, bytes, release.sign(bytes))).toBe(true)
  expect(isSignedBy(first, bytes, release.sign(bytes))).toBe(false)
  expect((await openKeyRing({ folder: keys, given: undefined })).release.keyId).toBe(release.keyId)
  expect((await readdir(keys)).sort()).toEqual([
    'model-ecdsa-p256.pem',
    'model-ecdsa-p256.pub.pem',
    'release-ed25519.pem',
    'release-ed25519.pub.pem',
  ])
  for (const name of ['model-ecdsa-p256.pem', 'release-ed25519.pem'])
    expect((await stat(join(keys, name))).mode & 0o777).toBe(0o600)
})

test('a given key signs, as text or as a file, alone or with one for models', async () => {
  const keys = await folder()
  const [ed, ec] = [pem('ed25519'), pem('ecdsa-p256')]
  const both = await openKeyRing({ folder: keys, given: `${ed}${ec}` })
  expect(both.model.trusted.algorithm).toBe('ecdsa-p256')
  expect(await readdir(keys)).toEqual([])
  await writeFile(join(keys, 'given.pem'), ec)
  const one = await openKeyRing({ folder: keys, given: join(keys, 'given.pem') })
  expect(one.release.keyId).toBe(both.model.keyId)
  expect(one.model.keyId).toBe(both.model.keyId)
  await expect(one.rotate()).rejects.toMatchObject({ code: 'signing.key_given' })
})

test.each(['/no/such/file.pem', '-----BEGIN nothing', '-----BEGIN RSA-----\nx\n-----END RSA-----'])(
  'what holds no key is refused: %s',
  async (given) => {
    await expect(openKeyRing({ folder: await folder(), given })).rejects.toMatchObject({
      code: 'signing.key_unreadable',
    })
  },
)
