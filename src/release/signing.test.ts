// Keys on disk: made once, for the owner alone.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { key } from './sample-release.ts'
import { isSignedBy, openSigningKey, trustedKeyFrom } from './signing.ts'

describe('keys on disk', () => {
  const folders: string[] = []
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), 'lockstep-keys-'))
    folders.push(path)
    return path
  }
  afterAll(async () => {
    for (const path of folders) await rm(path, { recursive: true })
  })

  test('a key is made once, for its owner alone, and found again', async () => {
    const keys = join(await folder(), 'keys')
    const [first, twin] = await Promise.all([openSigningKey(keys), openSigningKey(keys)])
    expect(twin.keyId).toBe(first.keyId)
    expect((await openSigningKey(keys)).keyId).toBe(first.keyId)
    expect((await stat(join(keys, 'release-ed25519.pem'))).mode & 0o777).toBe(0o600)
    const bytes = Buffer.from('said')
    expect(isSignedBy(first.trusted, bytes, first.sign(bytes))).toBe(true)
    expect(isSignedBy(key.trusted, bytes, first.sign(bytes))).toBe(false)
    expect(trustedKeyFrom(first.trusted.publicKeyPem, 'test')).toEqual(first.trusted)
  })

  test('a key that others may read, or that is none, is refused with the next step', async () => {
    const keys = await folder()
    const path = join(keys, 'release-ed25519.pem')
    await writeFile(path, 'not a key', { mode: 0o644 })
    await expect(openSigningKey(keys)).rejects.toMatchObject({ code: 'signing.key_exposed' })
    await rm(path)
    await writeFile(path, 'not a key', { mode: 0o600 })
    await expect(openSigningKey(keys)).rejects.toMatchObject({
      code: 'signing.key_unreadable',
      hint: expect.stringContaining('openssl'),
    })
  })
})
