// Packing, exporting and importing: the same bytes everywhere, no second copy on disk, and no byte that may change unnoticed.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sentenceOf } from '../../../src/foundation/errors.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { openArchive, writeArchive } from '../../../src/release/package/archive-file.ts'
import { openPackage } from '../../../src/release/package/open-package.ts'
import { packRelease } from '../../../src/release/package/pack-release.ts'
import { receiveRelease } from '../../../src/release/package/receive-release.ts'
import { verifyArchive, verifyShelf } from '../../../src/release/package/verify-subject.ts'
import { releaseKind } from '../../../src/release/release.ts'
import { key } from '../../../src/release/sample-release.ts'
import { signingKeyOf } from '../../../src/release/signing.ts'
import { TestClock } from '../../support/test-clock.ts'
import {
  modelBytes,
  openProject,
  type Project,
  packSample,
  sealSample,
  shelfOf,
} from './package-stage.ts'

const trust = { trustedKeys: [key.trusted] }

async function exported(project: Project): Promise<string> {
  const packed = await packSample(project)
  const file = join(project.dir, 'release.tar')
  const shelf = shelfOf(project, packed)
  const signal = new AbortController().signal
  await writeArchive({ shelf, blobs: packed.blobs, file, told: () => {}, signal })
  return file
}

async function imported(project: Project, file: string, trusted = trust) {
  const shelf = await openArchive(file)
  const opened = await openPackage(shelf)
  if (isRefusal(opened)) throw new Error(opened.because)
  return receiveRelease({
    ...project,
    ...{ shelf, opened, trust: trusted, actor: 'person:olga', model: 'income' },
  })
}

describe('packing', () => {
  test('the same release gives the same bytes on another day in another folder', async () => {
    const one = await exported(await openProject())
    const other = await exported(await openProject(new TestClock(Date.UTC(2031, 5, 1))))
    expect((await readFile(one)).equals(await readFile(other))).toBe(true)
  })

  test('the layout shares its bytes with the store', async () => {
    const project = await openProject()
    const { blobs } = await packSample(project)
    const weight = blobs.find(({ size }) => size === modelBytes.length)
    const place = weight && (await project.layout.locate(weight.digest))
    expect(place && (await stat(place.path)).ino).toBe(
      weight && (await stat(project.content.pathOf(weight.digest))).ino,
    )
  })

  test('what lacks a document is not packed', async () => {
    const { content, layout, ...project } = await openProject()
    const { release } = await sealSample({ content, layout, ...project })
    const { rm } = await import('node:fs/promises')
    await rm(content.pathOf(release.profileDigest ?? release.digest))
    await expect(
      packRelease({ release, number: 3, attestations: [], content, layout }),
    ).rejects.toThrow(/cannot be packed: its profile sha256:\w+ is not in the content store/)
  })

  test('every part of it verifies', async () => {
    const project = await openProject()
    const packed = await packSample(project)
    const { parts, verified } = await verifyShelf(shelfOf(project, packed), trust)
    expect(parts.filter(({ ok }) => !ok)).toEqual([])
    expect(verified).toBe(true)
    expect(parts.map(({ part }) => part)).toEqual(
      expect.arrayContaining([
        'layer model/model.onnx',
        'signature',
        'evidence',
        'code file src/train.py',
      ]),
    )
  })
})

describe('over the air gap', () => {
  test('the release arrives whole, is recorded once and packs into the same bytes again', async () => {
    const here = await openProject()
    const there = await openProject()
    const file = await exported(here)
    const { release, isNew } = await imported(there, file)
    expect(isNew).toBe(true)
    expect(release).toMatchObject({ phase: 'sealed', number: 1, signedBy: key.keyId })
    expect(await there.content.read(release.modelDigest)).toEqual(modelBytes)
    const [event] = await there.store.events({ objectId: release.id })
    expect(event).toMatchObject({ type: 'release.received', actor: 'person:olga' })
    expect(event?.because).toContain('where it is release 3 of project income')
    expect((await imported(there, file)).isNew).toBe(false)

    const { content, layout } = there
    const attestations = await there.attestations.of(release.digest)
    const again = await packRelease({ release, number: 3, attestations, content, layout })
    expect(again.root).toEqual((await packSample(here)).root)
    const code = (await packSample(here)).blobs.map(({ digest }) => digest)
    expect(again.blobs.map(({ digest }) => digest)).toEqual(code)
  })

  test('an unknown signer is named and nothing is kept', async () => {
    const here = await openProject()
    const there = await openProject()
    const { generateKeyPairSync } = await import('node:crypto')
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
    const stranger = { trustedKeys: [signingKeyOf(pem.toString(), 'another key').trusted] }
    await expect(imported(there, await exported(here), stranger)).rejects.toThrow(key.keyId)
    expect(await there.store.list(releaseKind)).toEqual([])
    expect(await readdir(join(there.dir, 'objects', 'sha256'))).toEqual([])
  })

  test('a release of another model is refused', async () => {
    const file = await exported(await openProject())
    const there = await openProject()
    const shelf = await openArchive(file)
    const opened = await openPackage(shelf)
    if (isRefusal(opened)) throw new Error(opened.because)
    const request = {
      ...there,
      shelf,
      opened,
      trust,
      actor: 'person:olga' as const,
      model: 'churn',
    }
    await expect(receiveRelease(request)).rejects.toThrow("the model of this project is 'churn'")
  })
})

describe('tampering', () => {
  test('one changed byte anywhere is found, or it says nothing about the release', async () => {
    const project = await openProject()
    const file = await exported(project)
    const bytes = await readFile(file)
    const whole = await verifyArchive(file, trust)
    expect(whole.verified).toBe(true)
    const forged = join(project.dir, 'forged.tar')
    // The only bytes no digest protects: the layout's two small lists. What they may say differently is what nobody reads.
    const unprotected = await unprotectedBytes(file)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, flip) => {
          const changed = Buffer.from(bytes)
          changed[at] = (changed[at] ?? 0) ^ flip
          await writeFile(forged, changed)
          const answer = await verifyArchive(forged, trust).catch((error: unknown) =>
            sentenceOf(error),
          )
          if (typeof answer === 'string') expect(answer).toContain(forged)
          else if (answer.verified) {
            expect(unprotected(at), `byte ${at}`).toBe(true)
            expect({ ...answer, subject: file }).toEqual(whole)
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  test('an archive cut off anywhere is refused', async () => {
    const project = await openProject()
    const bytes = await readFile(await exported(project))
    const cut = join(project.dir, 'cut.tar')
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 1 }), async (length) => {
        await writeFile(cut, bytes.subarray(0, length))
        await expect(verifyArchive(cut, trust)).rejects.toThrow('is no intact release archive')
      }),
      { numRuns: 60 },
    )
  })

  test('a stranger in the archive is refused by name', async () => {
    const { tarOf } = await import('../../../src/release/package/tar-write.ts')
    const project = await openProject()
    const bytes = Buffer.from('#!/bin/sh\n')
    const chunks: Uint8Array[] = []
    const open = async function* () {
      yield bytes
    }
    for await (const chunk of tarOf([
      { name: 'install.sh', size: bytes.length, mode: '0755', open },
    ]))
      chunks.push(chunk)
    const file = join(project.dir, 'stranger.tar')
    await writeFile(file, Buffer.concat(chunks))
    await expect(verifyArchive(file, trust)).rejects.toThrow(
      'it holds "install.sh", which has no place',
    )
  })
})

async function unprotectedBytes(file: string): Promise<(at: number) => boolean> {
  const { size } = await stat(file)
  const { scanTar } = await import('../../../src/release/package/tar-read.ts')
  const { withOpenBytes } = await import('../../../src/release/package/blob-shelf.ts')
  const found = await withOpenBytes({ path: file, offset: 0, size }, scanTar)
  if (isRefusal(found)) throw new Error(found.because)
  const open = found.filter(({ name }) => name === 'index.json' || name === 'oci-layout')
  return (at) => open.some(({ offset, size: length }) => at >= offset && at < offset + length)
}
