// What people read about a release: its differences, its card, its name.
import { describe, expect, test } from 'vitest'
import { type Digest, digestOf } from '../foundation/digest.ts'
import { aliasOf } from './alias.ts'
import { diffManifests } from './diff.ts'
import type { ReleaseManifest } from './manifest.ts'
import { digest, manifest, model } from './sample-release.ts'

describe('what would change', () => {
  test('nothing, between equal manifests of different runs', () => {
    const twin = { ...manifest, runId: 'run_2', createdAt: '2026-02-01T00:00:00.000Z' }
    expect(diffManifests(manifest, twin)).toEqual([])
  })

  test('each difference is one sentence', () => {
    const [train] = manifest.datasets
    const after: ReleaseManifest = {
      ...manifest,
      code: { ...manifest.code, commit: 'deadbeef00ff', authors: ['Ben'] },
      datasets: train
        ? [
            {
              ...train,
              version: digest('1995'),
              rows: 299285,
              schema: [{ name: 'age', type: 'DOUBLE' }],
            },
          ]
        : [],
      parameters: { l2: 1, balanced: true },
      artifact: {
        ...manifest.artifact,
        digest: digest('other'),
        signature: {
          ...manifest.artifact.signature,
          inputs: [
            { name: 'age', datatype: 'FP64', shape: [-1, 1] },
            { name: 'race', datatype: 'BYTES', shape: [-1, 1] },
          ],
        },
      },
      environment: { ...manifest.environment, node: '24.22.0' },
    }
    const sentences = diffManifests(manifest, after).map(
      ({ part, sentence }) => `${part}: ${sentence}`,
    )
    expect(sentences).toEqual([
      'code: commit c0ffee1234 → deadbeef00 by Ben',
      `data: dataset train ${digest('1994').slice(7, 19)} → ${digest('1995').slice(7, 19)} (149643 → 299285 rows)`,
      'data: column age of dataset train: INTEGER → DOUBLE',
      'data: column sex of dataset train is gone',
      `model: model ${digestOf(model).slice(7, 19)} → ${digest('other').slice(7, 19)} (27 → 27 bytes)`,
      'parameters: balanced changed from none to true',
      'parameters: l2 changed from 0.1 to 1',
      'schema: input age: FP32[-1, 1] → FP64[-1, 1]',
      'schema: input race is new (BYTES[-1, 1]): callers must send it',
      'environment: node 24.21.0 → 24.22.0',
    ])
  })
})

test('an alias is two words and depends on the digest alone', () => {
  const first: Digest = `sha256:${'00'.repeat(32)}`
  expect(aliasOf(first)).toBe('able-ant')
  expect(aliasOf(`sha256:ffff${'00'.repeat(30)}`)).toBe('warm-wren')
  for (let i = 0; i < 200; i++) expect(aliasOf(digest(String(i)))).toMatch(/^[a-z]+-[a-z]+$/)
})
