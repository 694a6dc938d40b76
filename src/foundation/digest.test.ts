import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { digestOf, digestOfFile, digestOfJson, isDigest, shortDigest } from './digest.ts'

describe('digest', () => {
  test('a text, its bytes and a file with them have one digest', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-digest-'))
    const text = 'x'.repeat(3_000_000)
    await writeFile(join(folder, 'big'), text)
    const digest = digestOf(text)
    expect(digestOf(Buffer.from(text))).toBe(digest)
    expect(await digestOfFile(join(folder, 'big'))).toBe(digest)
    await expect(digestOfFile(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    await rm(folder, { recursive: true })
  })

  test('the empty text has the digest everybody knows', () => {
    const digest = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(digestOf('')).toBe(digest)
    expect(shortDigest(digest)).toBe('e3b0c44298fc')
    expect(isDigest(digest)).toBe(true)
    expect(isDigest(digest.toUpperCase())).toBe(false)
    expect(isDigest(`${digest}\n`)).toBe(false)
  })

  test('equal values have equal digests', () => {
    expect(digestOfJson({ a: 1, b: [2] })).toBe(digestOfJson({ b: [2], a: 1 }))
  })
})
