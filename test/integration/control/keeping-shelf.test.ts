// The shelf over a real content store: what is removed, what goes back, and what a killed collection leaves.
import { mkdtemp, readdir, rename, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ContentStore, openContentStore } from '../../../src/build/artifacts/content-store.ts'
import type { Shelf } from '../../../src/control/keeping/shelf.ts'
import { shelfOf } from '../../../src/control/keeping/shelf-fs.ts'
import type { Digest } from '../../../src/foundation/digest.ts'
import { TestClock } from '../../support/test-clock.ts'

let dir: string
let content: ContentStore
let shelf: Shelf
const clock = new TestClock()
const now = clock.now()
const yes = async () => true

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-shelf-'))
  content = await openContentStore(dir)
  shelf = shelfOf(content, clock)
})
afterEach(() => rm(dir, { recursive: true, force: true }))

async function old(text: string): Promise<Digest> {
  const digest = await content.putBytes(text)
  await utimes(content.pathOf(digest), now / 1000 - 3600, now / 1000 - 3600)
  return digest
}

describe('removing objects', () => {
  test('takes the old ones, and leaves nothing aside', async () => {
    const digests = [await old('a'), await old('b')]
    expect(await shelf.removeUntouched(digests, now, yes)).toEqual({
      ...{ removed: 2, bytes: 2, spared: 0 },
    })
    expect(await content.has(digests[0] as Digest)).toBe(false)
    expect(await readdir(`${dir}/drafts`)).toEqual([])
  })

  test('spares what was put again while it lay aside', async () => {
    const digest = await old('used again')
    const answer = await shelf.removeUntouched([digest], now, async () => {
      await content.putBytes('used again')
      return true
    })
    expect(answer).toMatchObject({ spared: 1, removed: 0 })
    expect(await content.verify(digest)).toBe('intact')
  })

  test('puts everything back when it is no longer right', async () => {
    const digest = await old('needed after all')
    let asked = 0
    const answer = await shelf.removeUntouched([digest], now, async () => ++asked < 2)
    expect(answer).toBe('put back')
    expect(await content.verify(digest)).toBe('intact')
  })

  test('a killed one is made good by the next', async () => {
    const digest = await old('half way out')
    await rename(content.pathOf(digest), `${dir}/drafts/gc-${digest.slice(7)}`)
    await shelf.restore()
    expect(await content.verify(digest)).toBe('intact')
    expect(await readdir(`${dir}/drafts`)).toEqual([])
  })
})

describe('looking at objects', () => {
  test('only what may be JSON is read as text', async () => {
    const [json, model] = [await old('{"a":1}'), await old('ONNX')]
    expect(await shelf.json(json)).toBe('{"a":1}')
    expect(await shelf.json(model)).toBeUndefined()
    expect(await shelf.tree(`sha256:${'0'.repeat(64)}`)).toBeUndefined()
  })

  test('a pinned object looks new', async () => {
    const digest = await old('pinned')
    expect(await shelf.touch(digest)).toBe(true)
    expect(await shelf.removeUntouched([digest], now, yes)).toMatchObject({ spared: 1 })
    expect(await shelf.touch(`sha256:${'0'.repeat(64)}`)).toBe(false)
  })
})
