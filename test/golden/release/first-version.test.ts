// A release that the first version of Lockstep sealed is still read and still verifies, byte for byte.
// first-version.json was written by the code of commit 593524e; nothing writes that form any more.
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/foundation/digest.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { checkRelease } from '../../../src/release/attest/check-release.ts'
import { parseManifest } from '../../../src/release/manifest.ts'
import { trustedKeyFrom } from '../../../src/release/signing.ts'
import { type VerifyReleaseRequest, verifyRelease } from '../../../src/release/verify-release.ts'

interface Golden {
  readonly release: VerifyReleaseRequest['release']
  readonly publicKeyPem: string
  readonly model: string
  readonly manifest: string
  readonly envelope: string
}

const golden: Golden = JSON.parse(
  await readFile(new URL('./first-version.json', import.meta.url), 'utf8'),
)

function request(change: Partial<Golden> = {}): VerifyReleaseRequest {
  const { release, publicKeyPem, model, manifest, envelope } = { ...golden, ...change }
  // Texts stand for themselves: the sample's evidence is the word 'evidence'.
  const objects = new Map(['evidence', 'profile'].map((text) => [digestOf(text), text]))
  objects.set(release.manifestDigest, manifest).set(release.envelopeDigest, envelope)
  objects.set(release.modelDigest, model)
  return {
    release,
    trustedKeys: [trustedKeyFrom(publicKeyPem, 'the golden key')],
    readObject: async (digest) => {
      const text = objects.get(digest)
      if (text === undefined) throw new Error('no such object')
      return Buffer.from(text)
    },
  }
}

describe('a release of the first version', () => {
  test('is read in the shape of today, and what it did not keep is said to be unknown', () => {
    const manifest = parseManifest(golden.manifest)
    expect(manifest).toMatchObject({
      version: 2,
      project: 'income',
      code: { commit: 'c0ffee1234567890', tree: null },
      artifact: { path: 'model.onnx', folder: null },
      environment: { runtimes: [], machine: { processor: 'unknown' } },
      pipeline: { steps: [{ name: 'train', outputs: [{ path: 'model.onnx', kind: 'file' }] }] },
      card: null,
      reproducibility: { level: 'R0' },
    })
  })

  test('verifies on its stored bytes', async () => {
    expect(isRefusal(await verifyRelease(request()))).toBe(false)
    const parts = await checkRelease({ ...request(), attestations: [] })
    expect(parts.filter(({ ok }) => !ok)).toEqual([])
    expect(parts.map(({ part }) => part)).toEqual([
      'manifest',
      'model',
      'signature',
      'evidence',
      'profile',
    ])
  })

  test.each(['manifest', 'envelope', 'model'] as const)(
    'and no changed byte of its %s passes',
    async (part) => {
      const text = golden[part]
      for (let at = 0; at < text.length; at += 41) {
        const other = text[at] === 'a' ? 'b' : 'a'
        const spoilt = text.slice(0, at) + other + text.slice(at + 1)
        expect(isRefusal(await verifyRelease(request({ [part]: spoilt })))).toBe(true)
      }
    },
  )
})
