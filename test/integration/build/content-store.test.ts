import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs'
import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ContentStore, openContentStore } from '../../../src/build/artifacts/content-store.ts'
import { digestOf } from '../../../src/foundation/digest.ts'

let dir: string
let store: ContentStore

beforeEach(async () => {
  dir = await mkdtemp(`${tmpdir()}/lockstep-store-`)
  store = await openContentStore(`${dir}/objects`)
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function makeTree(folder: string): Promise<void> {
  await mkdir(`${folder}/deep/er`, { recursive: true })
  await writeFile(`${folder}/a.txt`, 'a')
  await writeFile(`${folder}/deep/er/tool.sh`, '#!/bin/sh\n', { mode: 0o755 })
  await writeFile(`${folder}/deep/same.txt`, 'a')
}

describe('the content store', () => {
  it('keeps bytes under their digest, read-only, and gives them back', async () => {
    const digest = await store.putBytes('hello')
    expect(digest).toBe(digestOf('hello'))
    expect(store.pathOf(digest)).toBe(`${dir}/objects/sha256/2c/${digest.slice(9)}`)
    expect((await store.read(digest)).toString()).toBe('hello')
    expect(statSync(store.pathOf(digest)).mode & 0o777).toBe(0o444)
    expect(await store.verify(digest)).toBe('intact')
    expect(await store.has(digestOf('other'))).toBe(false)
    await expect(store.read(digestOf('other'))).rejects.toMatchObject({
      code: 'build.object_missing',
    })
  })

  it('keeps a tree as one digest that covers names, modes and bytes, and brings it back', async () => {
    await makeTree(`${dir}/tree`)
    const tree = await store.putTree(`${dir}/tree`)
    expect(tree).toMatchObject({ kind: 'tree', files: 3, size: 12 })
    await store.materialise(tree, `${dir}/back/tree`)
    expect((await store.putTree(`${dir}/back/tree`)).digest).toBe(tree.digest)
    expect(statSync(`${dir}/back/tree/deep/er/tool.sh`).mode & 0o777).toBe(0o755)
    chmodSync(`${dir}/back/tree/a.txt`, 0o755)
    expect((await store.putTree(`${dir}/back/tree`)).digest).not.toBe(tree.digest)
    expect(readdirSync(`${dir}/objects/drafts`)).toEqual([])
  })

  it('shares the object only when a hard link is asked for', async () => {
    await writeFile(`${dir}/f`, 'x')
    const file = await store.putFile(`${dir}/f`)
    await store.materialise(file, `${dir}/copy`)
    await store.materialise(file, `${dir}/link`, 'hard_link')
    const inode = statSync(store.pathOf(file.digest)).ino
    expect([statSync(`${dir}/copy`).ino === inode, statSync(`${dir}/link`).ino === inode]).toEqual([
      false,
      true,
    ])
  })

  it('never writes over what is there', async () => {
    await makeTree(`${dir}/tree`)
    const tree = await store.putTree(`${dir}/tree`)
    await expect(store.materialise(tree, `${dir}/tree`)).rejects.toMatchObject({
      code: 'build.target_exists',
    })
    expect(await readFile(`${dir}/tree/a.txt`, 'utf8')).toBe('a')
  })

  it('refuses links: what they point to is not in the tree', async () => {
    await makeTree(`${dir}/tree`)
    await symlink('/etc/passwd', `${dir}/tree/leak`)
    await expect(store.putTree(`${dir}/tree`)).rejects.toMatchObject({ code: 'build.link_refused' })
    await expect(store.putFile(`${dir}/tree/leak`)).rejects.toMatchObject({
      code: 'build.link_refused',
    })
  })

  it('takes the same content from many writers at once', async () => {
    await makeTree(`${dir}/tree`)
    const trees = await Promise.all(Array.from({ length: 20 }, () => store.putTree(`${dir}/tree`)))
    expect(new Set(trees.map((tree) => tree.digest)).size).toBe(1)
    expect(
      await store.holds(trees[0] ?? { kind: 'tree', digest: digestOf(''), size: 0, files: 0 }),
    ).toBe(true)
  })

  it('notices a changed byte, names the object, moves it aside and uses nothing of it', async () => {
    await writeFile(`${dir}/model`, 'weights')
    const file = await store.putFile(`${dir}/model`)
    const path = store.pathOf(file.digest)
    chmodSync(path, 0o644)
    await writeFile(path, 'weighTs')
    expect(await store.verify(file.digest)).toBe('corrupt')
    const attempt = store.materialise(file, `${dir}/out`)
    await expect(attempt).rejects.toMatchObject({ code: 'build.object_corrupt' })
    await expect(attempt).rejects.toThrow(path)
    expect(existsSync(`${dir}/out`)).toBe(false)
    expect(await store.has(file.digest)).toBe(false)
    await store.putFile(`${dir}/model`)
    expect(await store.verify(file.digest)).toBe('intact')
  })

  it('notices a truncated file of a tree by its size alone', async () => {
    await makeTree(`${dir}/tree`)
    const tree = await store.putTree(`${dir}/tree`)
    const object = store.pathOf(digestOf('#!/bin/sh\n'))
    chmodSync(object, 0o644)
    await truncate(object, 3)
    expect(await store.holds(tree)).toBe(false)
    await expect(store.materialise(tree, `${dir}/out`)).rejects.toMatchObject({
      code: 'build.object_corrupt',
    })
    expect(existsSync(`${dir}/out`)).toBe(false)
  })

  it('lists what it holds, and lets go of what nobody needs', async () => {
    const [kept, dropped] = [await store.putBytes('kept'), await store.putBytes('dropped')]
    const listed = []
    for await (const object of store.list()) listed.push([object.digest, object.size])
    expect(listed.sort()).toEqual([[kept, 4] as const, [dropped, 7] as const].sort())
    expect(await store.remove([dropped, digestOf('never there')])).toEqual({ removed: 1, bytes: 7 })
    expect([await store.has(kept), await store.has(dropped)]).toEqual([true, false])
  })

  it('counts what is put again as new, so that nothing is collected from under a run', async () => {
    const digest = await store.putBytes('old', 'lazy')
    await utimes(store.pathOf(digest), 1_000_000, 1_000_000)
    await store.putBytes('old', 'lazy')
    expect(statSync(store.pathOf(digest)).mtimeMs).toBeGreaterThan(1_000_000_000_000)
  })

  it('waits for the disk when something that lasts refers to an object', async () => {
    await makeTree(`${dir}/tree`)
    const tree = await store.putTree(`${dir}/tree`)
    await store.flush([tree])
    await store.remove([digestOf('a')])
    await expect(store.flush([tree])).rejects.toMatchObject({ code: 'build.object_missing' })
  })

  it('says in one sentence why it cannot be written', async () => {
    await writeFile(`${dir}/file`, '')
    await expect(openContentStore(`${dir}/file/objects`)).rejects.toMatchObject({
      code: 'build.store_unwritable',
      kind: 'unavailable',
      message: expect.stringContaining('a file is in the place of a folder'),
    })
    await expect(openContentStore('/proc/lockstep')).rejects.toMatchObject({
      code: 'build.store_unwritable',
    })
    await rm(`${dir}/objects/drafts`, { recursive: true })
    await writeFile(`${dir}/objects/drafts`, '')
    await expect(store.putBytes('x')).rejects.toMatchObject({ code: 'build.store_unwritable' })
  })
})
