// What garbage collection removes beside the objects, on a real disk: packages, interrupted downloads, language environments; and
// work beside runs that keeps it from removing anything.
import { existsSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ContentStore, openContentStore } from '../../../src/build/artifacts/content-store.ts'
import { holdingObjects, holdsObjects } from '../../../src/control/keeping/hold-objects.ts'
import { removeAll } from '../../../src/control/keeping/leftovers-fs.ts'
import { findPackageLeftovers, tidyIndex } from '../../../src/control/keeping/packages-fs.ts'
import { findIdleRuntimes, removeRuntimes } from '../../../src/control/keeping/runtimes-fs.ts'
import { type Digest, digestOf } from '../../../src/foundation/digest.ts'
import { openLayoutFolder } from '../../../src/release/package/layout-folder.ts'
import {
  describe as describeBlob,
  emptyConfig,
  manifestBytes,
  mediaTypes,
} from '../../../src/release/package/oci.ts'
import { acquireLease } from '../../../src/store/leases.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { TestClock } from '../../support/test-clock.ts'

let dir: string
let content: ContentStore
const clock = new TestClock()
const now = clock.now()
const hour = 3_600_000

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-beside-'))
  content = await openContentStore(join(dir, 'objects'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function aged(path: string, ms: number): Promise<string> {
  await utimes(path, (now - ms) / 1000, (now - ms) / 1000)
  return path
}

describe('packages', () => {
  const oci = () => join(dir, 'oci')
  const blobAt = (digest: Digest) => join(oci(), 'blobs/sha256', digest.slice(7))
  const find = (due: readonly Digest[] = [], waitMs = hour) =>
    findPackageLeftovers({
      ...{ folder: oci(), objectAt: content.pathOf, due: new Set(due), waitMs, now },
    })

  async function packed(text: string): Promise<{ model: Digest; manifest: Digest }> {
    const layout = await openLayoutFolder(oci())
    const model = await content.putBytes(text)
    await layout.share(content, model)
    await layout.putBytes(emptyConfig.bytes)
    const bytes = manifestBytes({
      ...{ schemaVersion: 2, mediaType: mediaTypes.manifest, artifactType: mediaTypes.model },
      config: emptyConfig.descriptor,
      layers: [describeBlob(Buffer.from(text), mediaTypes.weight)],
    })
    await layout.putBytes(bytes)
    const manifest = describeBlob(bytes, mediaTypes.manifest)
    await layout.list([manifest])
    return { model, manifest: manifest.digest }
  }

  test('a second name of a stored object stays with it and goes with it, so that the disk is freed', async () => {
    const { model } = await packed('the model')
    await aged(content.pathOf(model), 2 * hour)
    for (const digest of [emptyConfig.descriptor.digest]) await aged(blobAt(digest), 0)
    expect(await find()).toEqual([])
    expect(await find([model])).toMatchObject([{ sort: 'package part', size: 0 }])

    await rm(content.pathOf(model))
    expect((await lstat(blobAt(model))).nlink).toBe(1)
    const parts = await find()
    expect(parts).toMatchObject([{ path: blobAt(model), size: 9 }])
    await removeAll(parts)
    expect(existsSync(blobAt(model))).toBe(false)
  })

  test('the index forgets a package that is no longer whole, and keeps the others', async () => {
    const [lost, kept] = [await packed('one'), await packed('two')]
    await rm(blobAt(lost.model))
    await tidyIndex(oci())
    const text = await readFile(join(oci(), 'index.json'), 'utf8')
    expect(text).not.toContain(lost.manifest)
    expect(text).toContain(kept.manifest)
    await rm(blobAt(kept.manifest))
    await tidyIndex(oci())
    expect(existsSync(join(oci(), 'index.json'))).toBe(false)
  })

  test('a download goes a day after its last byte', async () => {
    await openLayoutFolder(oci())
    const [fresh, old] = ['a.part', 'b.part'].map((name) => join(oci(), 'drafts', name))
    for (const path of [fresh, old]) await writeFile(path ?? '', 'half')
    await aged(fresh ?? '', 23 * hour)
    await aged(old ?? '', 25 * hour)
    expect(await find()).toMatchObject([{ path: old, sort: 'interrupted download', size: 4 }])
  })
})

describe('language environments', () => {
  const root = () => join(dir, 'runtimes')

  async function environment(name: string, usedAgo: number): Promise<Digest> {
    const digest = digestOf(name)
    const folder = join(root(), digest.slice(7))
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'runtime.json'), JSON.stringify({ version: 1, folder }))
    await aged(join(folder, 'runtime.json'), usedAgo)
    await writeFile(`${folder}.turn-3`, JSON.stringify({ passed: true }))
    return digest
  }

  test('go when no kept release was made in them and nobody used them lately', async () => {
    const [named, used, idle] = [
      await environment('named', 9 * hour),
      await environment('used', hour / 2),
      await environment('idle', 9 * hour),
    ]
    const going = join(root(), `${'0'.repeat(64)}.going`)
    await mkdir(going)
    const found = await findIdleRuntimes({
      ...{ root: root(), named: new Set([named]), waitMs: hour, now },
    })
    expect(found.map((one) => one.path)).toEqual([join(root(), idle.slice(7)), going])
    let asked = 0
    const begun = await removeRuntimes({ root: root(), clock }, found, async () => ++asked < 1)
    expect(begun).toEqual([])
    await removeRuntimes({ root: root(), clock }, found, async () => true)
    expect(existsSync(join(root(), idle.slice(7)))).toBe(false)
    expect(existsSync(join(root(), `${idle.slice(7)}.turn-3`))).toBe(false)
    expect(existsSync(going)).toBe(false)
    expect(existsSync(join(root(), used.slice(7)))).toBe(true)
    expect(existsSync(join(root(), `${named.slice(7)}.turn-3`))).toBe(true)
  })
})

describe('work beside runs', () => {
  test('is known while it lasts, any number at once', async () => {
    const db = await openSqlite(':memory:')
    const world = { db, clock }
    await holdingObjects(world, 'the push of release 3', async () => {
      await holdingObjects(world, 'the push of release 3', async () => {})
      expect(await holdsObjects(db, clock.now())).toBe('the push of release 3')
    })
    expect(await holdsObjects(db, clock.now())).toBeNull()
    const failing = holdingObjects(world, 'a pull', () => Promise.reject(new Error('no network')))
    await expect(failing).rejects.toThrow('no network')
    expect(await holdsObjects(db, clock.now())).toBeNull()
    await db.destroy()
  })

  test('of a killed process is forgotten by itself', async () => {
    const db = await openSqlite(':memory:')
    await acquireLease(db, clock, {
      ...{ name: 'uses:the pull of x use_1', holder: 'use_1', ttlMs: 30_000 },
      mayBeAlive: () => true,
    })
    expect(await holdsObjects(db, clock.now())).toBe('the pull of x')
    expect(await holdsObjects(db, clock.now() + 31_000)).toBeNull()
    await db.destroy()
  })
})
