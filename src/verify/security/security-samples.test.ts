// Artifacts as an attacker makes them, written by test/golden/verify/make_security_samples.py: each is found, none is run.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { memorySource } from './byte-source.ts'
import { scanArtifact } from './scan-artifact.ts'

interface Sample {
  readonly name: string
  readonly file: string
  readonly bytes: string
  readonly rules: readonly string[]
  readonly subjects: readonly string[]
  readonly unread: boolean
}

const golden: { readonly samples: readonly Sample[] } = JSON.parse(
  readFileSync(new URL('../../../test/golden/verify/security.json', import.meta.url), 'utf8'),
)

function scanSample({ file, bytes }: Sample) {
  const source = memorySource(new Uint8Array(Buffer.from(bytes, 'base64')))
  return scanArtifact({
    files: [{ path: file, kind: 'file', open: () => ({ source, close: () => {} }) }],
    sizes: new Map([[file, source.size]]),
  })
}

describe('a sample', () => {
  test.each(golden.samples.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    const { findings, unread } = scanSample(sample)
    const told = findings.filter(({ severity }) => severity !== 'low')
    expect({
      rules: [...new Set(told.map(({ rule }) => rule))].sort(),
      subjects: [...new Set(told.flatMap(({ subject }) => subject ?? []))].sort(),
      unread: unread.length > 0,
    }).toEqual({ rules: sample.rules, subjects: sample.subjects, unread: sample.unread })
  })
})
