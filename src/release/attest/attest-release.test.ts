// What is signed about a release: the same for the same facts, about this release only, and no changed byte passes.
import { expect, test } from 'vitest'
import type { Digest } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { Attestation } from '../attestations.ts'
import { key, manifest, modelKey, seal, shelf } from '../sample-release.ts'
import { signingKeyOf } from '../signing.ts'
import { attestRelease, openSigned, signAgain } from './attest-release.ts'
import { checkRelease } from './check-release.ts'
import { modelFilesOf } from './model-signature.ts'
import type { SignedDocument } from './statement.ts'

const keys = { release: key, model: modelKey }
const other = signingKeyOf(
  `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7
-----END PRIVATE KEY-----
`,
  'another key',
)
const check = { id: 'roc_auc >= 0.6', text: 'roc_auc >= 0.6', because: 'it held' }
const numbers = { estimate: 0.71, lower: 0.68, upper: Number.POSITIVE_INFINITY }

function attest(verdict = 'pass', signers = keys): readonly SignedDocument[] {
  return attestRelease({
    manifest,
    modelFiles: modelFilesOf(manifest, null),
    build: {
      ...{ startedOn: '2026-01-05T08:00:00.000Z', finishedOn: manifest.createdAt },
      ...{ seeds: { train: 7 }, byproducts: [] },
    },
    gates: [
      { name: 'quality', verdict, checks: [{ ...check, ...numbers, verdict }] },
      { name: 'champion', verdict: 'skipped', checks: [] },
    ],
    keys: signers,
  })
}

const sealed = seal()

function rows(documents: readonly SignedDocument[]): Attestation[] {
  return documents.map(({ kind, mediaType, digest, bytes }) => ({
    ...{ release: sealed.release.digest, kind, mediaType, digest },
    ...{ size: bytes.length, addedAt: 0 },
  }))
}

async function failures(
  documents: readonly SignedDocument[],
  {
    spoil,
    trusted = [key, modelKey],
    revoked = new Map(),
  }: {
    spoil?: Digest
    trusted?: readonly (typeof key)[]
    revoked?: ReadonlyMap<string, string>
  } = {},
) {
  const objects = shelf(sealed)
  for (const { digest, bytes } of documents) objects.set(digest, bytes)
  if (spoil) objects.set(spoil, Buffer.concat([objects.get(spoil) ?? Buffer.of(), Buffer.of(32)]))
  const parts = await checkRelease({
    release: sealed.release,
    trustedKeys: trusted.map((one) => one.trusted),
    revoked,
    attestations: rows(documents),
    readObject: async (digest) => objects.get(digest) ?? Buffer.of(),
  })
  return parts.filter(({ ok }) => !ok).map(({ part }) => part.replace(/ [0-9a-f]{12}$/, ''))
}

function statementsOf(documents: readonly SignedDocument[]) {
  return documents.map(({ mediaType, bytes }) => {
    const open = openSigned(mediaType, bytes)
    if (isRefusal(open)) throw new Error(open.because)
    return JSON.parse(Buffer.from(open.body).toString('utf8'))
  })
}

test('model, provenance, test results and numbers: one signed document each, the same for the same facts', () => {
  const documents = attest()
  expect(documents.map(({ kind }) => kind)).toEqual([
    'model-signature',
    'provenance',
    'gates',
    'gates',
  ])
  expect(statementsOf(attest())).toEqual(statementsOf(documents))
  // ECDSA draws a fresh number for each signature; everything else is the same bytes.
  expect(attest().slice(1)).toEqual(documents.slice(1))
})

test('the provenance names what went in, and the gate results every check that decided something', () => {
  const [, provenance, results, gates] = statementsOf(attest('warn'))
  expect(provenance.predicate.buildDefinition).toMatchObject({
    externalParameters: { parameters: { l2: 0.1 }, seeds: { train: 7 } },
    resolvedDependencies: [
      { name: 'commit', digest: { gitCommit: 'c0ffee1234567890' }, annotations: { dirty: false } },
      { name: 'project files' },
      { name: 'dataset train', annotations: { rows: 149643 } },
    ],
  })
  expect(results.predicate).toMatchObject({
    result: 'WARNED',
    passedTests: [],
    warnedTests: ['quality/roc_auc >= 0.6'],
    failedTests: [],
  })
  expect(gates.predicate.gates[0].checks[0]).toMatchObject({ lower: 0.68, upper: null })
})

test('every part of the release is checked, and a changed one is named', async () => {
  const documents = attest()
  expect(await failures(documents)).toEqual([])
  const { manifestDigest, modelDigest, envelopeDigest } = sealed.release
  expect(await failures(documents, { spoil: manifestDigest })).toEqual(['manifest'])
  expect(await failures(documents, { spoil: modelDigest })).toEqual(['model'])
  expect(await failures(documents, { spoil: envelopeDigest })).toEqual(['signature'])
  expect(await failures(documents, { spoil: manifest.gates.evidence })).toEqual(['evidence'])
  for (const { kind, digest } of documents)
    expect(await failures(documents, { spoil: digest })).toEqual([`${kind} attestation`])
})

test('an attestation about another release is none', async () => {
  const stranger = attestRelease({
    manifest: { ...manifest, artifact: { ...manifest.artifact, digest: manifest.gates.evidence } },
    modelFiles: [{ path: 'model.onnx', digest: manifest.gates.evidence }],
    build: { startedOn: '', finishedOn: '', seeds: {}, byproducts: [] },
    ...{ gates: [], keys },
  })
  expect(await failures(stranger)).toHaveLength(4)
})

test('signed again by another key the statements stay, and then the first key may go', async () => {
  const first = attest()
  expect(await failures(first, { trusted: [other] })).toContain('provenance attestation')
  const again = first.map((document) => {
    const signed = signAgain(document, { release: other, model: modelKey })
    if (isRefusal(signed)) throw new Error(signed.because)
    return signed
  })
  expect(statementsOf(again)).toEqual(statementsOf(first))
  // The release's own envelope is another matter: `verifyRelease` asks for added ones.
  expect(await failures([...first, ...again], { trusted: [other, modelKey] })).toEqual([
    'signature',
  ])
})

test('what a revoked key said stays where it is, counts for nothing and spoils nothing; a changed byte of it still does', async () => {
  const documents = attest()
  const revoked = new Map([[key.keyId, 'revoked by person:olga: the laptop was stolen']])
  const seen = { trusted: [other, modelKey], revoked }
  // The release itself still needs a signature that counts.
  expect(await failures(documents, seen)).toEqual(['signature'])
  expect(
    await failures(documents, { ...seen, spoil: documents[1]?.digest ?? sealed.release.digest }),
  ).toEqual(['signature', 'provenance attestation'])
})
