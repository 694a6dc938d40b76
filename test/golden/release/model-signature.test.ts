// Bundles of OpenSSF's model signing: one that its own tool made is read, and ours has the same form.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { digestOf } from '../../../src/foundation/digest.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { openSigned } from '../../../src/release/attest/attest-release.ts'
import { modelBundle, modelStatement } from '../../../src/release/attest/model-signature.ts'
import { bundleType } from '../../../src/release/attest/statement.ts'
import { verifyModelSignature } from '../../../src/release/attest/verify-model-signature.ts'
import { key, modelKey } from '../../../src/release/sample-release.ts'
import { trustedKeyFrom } from '../../../src/release/signing.ts'

const golden: { readonly bundle: string; readonly publicKeyPem: string } = JSON.parse(
  await readFile(new URL('./model-signature.json', import.meta.url), 'utf8'),
)
const theirs = trustedKeyFrom(golden.publicKeyPem, 'their key')
const files = [
  { path: 'model.onnx', digest: digestOf('onnx bytes of a small model') },
  { path: 'data/MLmodel', digest: digestOf('flavors: {}\n') },
]

test('a bundle that model_signing made is read: who signed, and every file', () => {
  const read = verifyModelSignature(Buffer.from(golden.bundle), [key.trusted, theirs])
  expect(read).toMatchObject({
    keyId: theirs.keyId,
    name: 'income',
    files: [
      { path: 'data/MLmodel', algorithm: 'sha256', digest: digestOf('flavors: {}\n').slice(7) },
      { path: 'model.onnx', digest: digestOf('onnx bytes of a small model').slice(7) },
    ],
  })
})

test('our statement about the same files says the same', () => {
  const signed = openSigned(bundleType, Buffer.from(golden.bundle))
  if (isRefusal(signed)) throw new Error(signed.because)
  const { predicate, ...rest } = JSON.parse(Buffer.from(signed.body).toString())
  const ours = JSON.parse(Buffer.from(modelStatement('income', files)).toString())
  expect(ours).toMatchObject(rest)
  expect(ours.predicate.resources).toEqual(predicate.resources)
})

test('our bundle has their fields, and verifies with our key alone', () => {
  const bundle = modelBundle(modelStatement('income', files), modelKey)
  const shape = (text: string) => {
    const { mediaType, verificationMaterial, dsseEnvelope } = JSON.parse(text)
    return [mediaType, Object.keys(verificationMaterial.publicKey), dsseEnvelope.payloadType]
  }
  expect(shape(Buffer.from(bundle.bytes).toString())).toEqual(shape(golden.bundle))
  expect(isRefusal(verifyModelSignature(bundle.bytes, [modelKey.trusted]))).toBe(false)
  expect(verifyModelSignature(bundle.bytes, [theirs])).toMatchObject({
    refused: 'release.key_untrusted',
  })
})

test.each([
  ['signature', /"sig": ?"./],
  ['payload', /"payload": ?"....................../],
])('no changed byte of its %s passes', (_part, place) => {
  const at = (place.exec(golden.bundle)?.index ?? 0) + 30
  for (let offset = at; offset < at + 40; offset++) {
    const other = golden.bundle[offset] === 'A' ? 'B' : 'A'
    const spoilt = golden.bundle.slice(0, offset) + other + golden.bundle.slice(offset + 1)
    expect(isRefusal(verifyModelSignature(Buffer.from(spoilt), [theirs]))).toBe(true)
  }
})

test.each(['', '[]', '{}', '{"mediaType":"x"}', `{"mediaType":"${bundleType}"}`])(
  'what is no bundle is refused: %s',
  (text) => {
    expect(isRefusal(verifyModelSignature(Buffer.from(text), [theirs]))).toBe(true)
  },
)
