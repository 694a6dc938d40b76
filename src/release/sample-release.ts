// A sealed release as tests need it: a small complete manifest, a fixed key, and the bytes a content store would hold.
import { type Digest, digestOf } from '../foundation/digest.ts'
import { isRefusal } from '../foundation/refusal.ts'
import type { ReleaseManifest } from './manifest.ts'
import { type SealedRelease, sealRelease } from './seal-release.ts'
import { signingKeyOf } from './signing.ts'
import { verifyRelease } from './verify-release.ts'

export const key = signingKeyOf(
  `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`,
  'the key of RFC 8410, section 10.3',
)
/** Made for these tests. */
export const modelKey = signingKeyOf(
  `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHJ+GcMMHYteJrK+W
R0tdE+wwUGvT8t1MZWboBOrbcbShRANCAASmAM0yCAc6xijFk7KV0g5/PMP1zZom
A0ETExu0ozGmSA7HmbUrJ+X0rEB6HdUPXvxBFgcBzSlxVUbPZi4PcgKK
-----END PRIVATE KEY-----
`,
  'the model key of the tests',
)
export const model = Buffer.from('onnx bytes of a small model')
export const digest = (text: string): Digest => digestOf(text)

export const manifest: ReleaseManifest = {
  version: 2,
  project: 'income',
  model: 'income',
  code: { commit: 'c0ffee1234567890', tree: digest('[]'), dirty: false, authors: ['Olga'] },
  datasets: [
    {
      name: 'train',
      version: digest('1994'),
      rows: 149643,
      schema: [
        { name: 'age', type: 'INTEGER' },
        { name: 'sex', type: 'VARCHAR' },
      ],
    },
  ],
  artifact: {
    path: 'model.onnx',
    digest: digestOf(model),
    size: model.length,
    format: 'onnx',
    folder: null,
    signature: {
      inputs: [{ name: 'age', datatype: 'FP32', shape: [-1, 1] }],
      outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 2] }],
    },
  },
  parameters: { l2: 0.1 },
  seed: 7,
  environment: {
    ...{ lockstep: '0.1.0', node: '24.21.0', platform: 'linux-x64', runtimes: [] },
    machine: { processor: 'a processor', processors: 2, memoryBytes: 8e9 },
  },
  pipeline: {
    definition: digest('pipeline'),
    steps: [
      {
        name: 'train',
        key: 'k1',
        outputs: [{ path: 'model.onnx', kind: 'file', digest: digestOf(model) }],
      },
    ],
  },
  gates: { definition: digest('gates'), evidence: digest('evidence'), verdict: 'pass' },
  referenceProfile: digest('profile'),
  card: null,
  reproducibility: { level: 'R1', reasons: [] },
  runId: 'run_1',
  createdAt: '2026-01-05T09:00:00.000Z',
}

/** What the manifest names besides the model. */
export const documents = ['[]', 'evidence', 'profile', 'gates', 'pipeline']

export function seal(change: Partial<ReleaseManifest> = {}): SealedRelease {
  const sealed = sealRelease({
    manifest: { ...manifest, ...change },
    number: 3,
    signer: key,
    clearance: cleared,
  })
  if (isRefusal(sealed)) throw new Error(sealed.because)
  return sealed
}

/** The sealed release's bytes as the content store would hold them, by name, so that a test can spoil one. */
export function shelf(sealed: SealedRelease): Map<string, Uint8Array> {
  const objects = new Map<string, Uint8Array>([[sealed.release.modelDigest, model]])
  for (const text of documents) objects.set(digest(text), Buffer.from(text))
  for (const { digest: name, bytes } of sealed.documents) objects.set(name, bytes)
  return objects
}

export function verifyOn(sealed: SealedRelease, objects: Map<string, Uint8Array>) {
  return verifyRelease({
    release: sealed.release,
    trustedKeys: [key.trusted],
    readObject: async (name) => {
      const bytes = objects.get(name)
      if (!bytes) throw new Error('no such object')
      return bytes
    },
  })
}

/** Decided by its gates alone. */
export const cleared = { undecided: null, waivedBy: [] } as const
