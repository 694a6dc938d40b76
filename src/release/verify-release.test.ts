// Nothing that was changed after sealing is trusted, and the sentence names the part.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Digest } from '../foundation/digest.ts'
import { isRefusal } from '../foundation/refusal.ts'
import { envelopeOf, preAuthEncoding } from './dsse.ts'
import { manifestText, parseManifest } from './manifest.ts'
import { digest, key, manifest, seal, shelf, verifyOn } from './sample-release.ts'
import { verifyEnvelope } from './verify-envelope.ts'

describe('pre-authentication encoding', () => {
  test('agrees with the example of the DSSE protocol', () => {
    const body = Buffer.from('hello world')
    const encoded = preAuthEncoding('http://example.com/HelloWorld', body)
    expect(Buffer.from(encoded).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    )
  })

  test('counts bytes, not characters, and keeps arbitrary bytes', () => {
    const encoded = Buffer.from(preAuthEncoding('ü', Uint8Array.of(0, 255)))
    expect(encoded).toEqual(
      Buffer.concat([Buffer.from('DSSEv1 2 ü 2 ', 'utf8'), Buffer.of(0, 255)]),
    )
    expect(Buffer.from(preAuthEncoding('', Buffer.of())).toString()).toBe('DSSEv1 0  0 ')
  })
})

describe('verification before serving', () => {
  const sealed = seal()
  const { release } = sealed
  const parts: readonly [string, Digest, RegExp][] = [
    ['manifest', release.manifestDigest, /the manifest was changed after sealing/],
    ['model', release.modelDigest, /the model was changed after sealing/],
    ['evidence', manifest.gates.evidence, /the evidence was changed after sealing/],
    ['profile', digest('profile'), /the profile was changed after sealing/],
    ['pipeline definition', manifest.pipeline.definition, /the pipeline definition was changed/],
    ['code tree', digest('[]'), /the code tree was changed after sealing/],
  ]

  test.each(parts)('any flipped byte of the %s is refused', async (_part, name, sentence) => {
    const bytes = shelf(sealed).get(name) ?? Buffer.of()
    for (let at = 0; at < bytes.length; at += bytes.length > 50 ? 7 : 1) {
      const objects = shelf(sealed).set(name, flip(bytes, at))
      expect(await verifyOn(sealed, objects)).toMatchObject({
        because: expect.stringMatching(sentence),
      })
    }
  })

  test('any flipped byte of payload, signature or their envelope is refused by name', async () => {
    const envelope = envelopeOf(manifest, key)
    const spoil = async (changed: object) =>
      verifyOn(
        sealed,
        shelf(sealed).set(release.envelopeDigest, Buffer.from(JSON.stringify(changed))),
      )
    const payload = Buffer.from(envelope.payload, 'base64')
    const [signature] = envelope.signatures
    const sig = Buffer.from(signature?.sig ?? '', 'base64')
    for (let at = 0; at < payload.length; at += 31) {
      const changed = { ...envelope, payload: Buffer.from(flip(payload, at)).toString('base64') }
      expect(await spoil(changed)).toMatchObject({ refused: 'release.payload_changed' })
    }
    for (let at = 0; at < sig.length; at += 5) {
      const changed = {
        ...envelope,
        signatures: [{ ...signature, sig: Buffer.from(flip(sig, at)).toString('base64') }],
      }
      expect(await spoil(changed)).toMatchObject({
        refused: 'release.signature_invalid',
        because: expect.stringContaining('the signature was changed'),
      })
    }
    const bytes = shelf(sealed).get(release.envelopeDigest) ?? Buffer.of()
    for (let at = 0; at < bytes.length; at += 37) {
      const objects = shelf(sealed).set(release.envelopeDigest, flip(bytes, at))
      expect(isRefusal(await verifyOn(sealed, objects))).toBe(true)
    }
  })

  test('a missing object and an untrusted key are said as such', async () => {
    const objects = shelf(sealed)
    objects.delete(release.modelDigest)
    expect(await verifyOn(sealed, objects)).toMatchObject({
      refused: 'release.model_unreadable',
      because: expect.stringMatching(/^release 3 \([a-z]+-[a-z]+\) cannot be trusted: the model/),
    })
    expect(verifyEnvelope(envelopeOf(manifest, key), [])).toMatchObject({
      refused: 'release.no_trusted_key',
    })
  })

  test('no single-byte change of an envelope survives verifyEnvelope alone', () => {
    const text = JSON.stringify(envelopeOf(manifest, key))
    const payloadEnd = text.indexOf('"payloadType"')
    fc.assert(
      fc.property(
        fc.nat({ max: payloadEnd - 15 }),
        fc.integer({ min: 1, max: 127 }),
        (at, mask) => {
          const bytes = Buffer.from(text)
          bytes[at + 12] = (bytes[at + 12] ?? 0) ^ mask
          let value: unknown
          try {
            value = JSON.parse(bytes.toString())
          } catch {
            return true
          }
          return isRefusal(verifyEnvelope(value, [key.trusted]))
        },
      ),
      { numRuns: 60, seed: 1 },
    )
  })

  test.each([null, 3, {}, { payload: 1 }, { payload: '', payloadType: 'x', signatures: [{}] }])(
    'an envelope of the wrong form is refused: %j',
    (value) => {
      expect(isRefusal(verifyEnvelope(value, [key.trusted]))).toBe(true)
    },
  )

  test.each(['', '[]', '{"version":2}', '{"version":1}', `${manifestText(manifest)} `])(
    'a manifest of the wrong form is refused: %s',
    (text) => {
      expect(isRefusal(parseManifest(text))).toBe(true)
    },
  )
})

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[at] = (copy[at] ?? 0) ^ 0x20
  return copy
}
