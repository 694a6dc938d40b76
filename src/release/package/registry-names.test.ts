// Names of places in registries, and what registries ask for when they do not know us.
import { describe, expect, test } from 'vitest'
import { LockstepError } from '../../foundation/errors.ts'
import { parseChallenge } from './registry-challenge.ts'
import { parseReference } from './registry-reference.ts'

describe('a place in a registry', () => {
  test.each([
    ['localhost:5000/income', 'http://localhost:5000', 'income', 'latest'],
    ['127.0.0.1:5000/team/income:3', 'http://127.0.0.1:5000', 'team/income', '3'],
    ['ghcr.io/team/income:2026-11', 'https://ghcr.io', 'team/income', '2026-11'],
    ['oci://ghcr.io/team/income', 'https://ghcr.io', 'team/income', 'latest'],
    ['docker.io/team/income:1', 'https://registry-1.docker.io', 'team/income', '1'],
    ['https://localhost:5000/income', 'https://localhost:5000', 'income', 'latest'],
  ])('%s', (text, origin, repository, tag) => {
    expect(parseReference(text, 'never')).toMatchObject({ origin, repository, tag, digest: null })
  })

  test('a digest names exactly one', () => {
    const digest = `sha256:${'ab'.repeat(32)}`
    expect(parseReference(`ghcr.io/income@${digest}`, 'never')).toMatchObject({ digest })
  })

  test.each([
    'income',
    'income:3',
    'ghcr.io/',
    'ghcr.io/Income',
    'ghcr.io/a//b',
    'ghcr.io/a/../b',
    'ghcr.io/a b',
  ])('%s is none', (text) => {
    expect(() => parseReference(text, 'never')).toThrow(LockstepError)
  })

  test('plain HTTP leaves this machine only when asked to', () => {
    expect(() => parseReference('http://ghcr.io/income', 'never')).toThrow('without encryption')
    expect(parseReference('ghcr.io/income', 'allowed').origin).toBe('http://ghcr.io')
    expect(parseReference('localhost.evil.org/income', 'never').origin).toMatch(/^https:/)
  })
})

test('a challenge is read with and without quotes', () => {
  expect(
    parseChallenge('Bearer realm="https://auth.example/token",service=reg.example,scope="a:b,c"'),
  ).toEqual({
    scheme: 'bearer',
    realm: 'https://auth.example/token',
    audience: 'reg.example',
    scope: 'a:b,c',
  })
  expect(parseChallenge('Basic realm="x"').scheme).toBe('basic')
  expect(parseChallenge('').scheme).toBe('other')
})
