import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../foundation/digest.ts'
import type { IndexContent } from './file-index.ts'
import { changedIndex, coarseStepMs, fineStepMs, isSettled, memoryFileIndex } from './file-index.ts'
import { indexParts, readIndex } from './file-index-format.ts'
import type { FileStat } from './file-stat.ts'
import { emptyBlock, hasStat, setFolder, setStat, stampAt } from './folder-block.ts'

const touchedAt = Date.UTC(2026, 0, 5, 9)
const seen: FileStat = {
  size: 10,
  mode: '0644',
  mtimeMs: touchedAt,
  ctimeMs: touchedAt,
  inode: 77,
}

function blockOf(files: Readonly<Record<string, Partial<FileStat>>>) {
  const block = emptyBlock(Object.keys(files))
  Object.entries(files).forEach(([name, change], at) => {
    setStat(block, at, { ...seen, ...change })
    block.digests.set(Buffer.from(digestOf(name).slice(7), 'hex'), at * 32)
  })
  return block
}

describe('a remembered digest', () => {
  it('is trusted when the file was last touched well before it was observed', () => {
    expect(isSettled(seen, touchedAt + coarseStepMs + 1)).toBe(true)
  })

  it('is not trusted when the file may have changed again within one step of the timestamp', () => {
    expect(isSettled(seen, touchedAt)).toBe(false)
    expect(isSettled(seen, touchedAt + coarseStepMs)).toBe(false)
  })

  it('is trusted sooner where the file system tells parts of a millisecond', () => {
    const fine = { mtimeMs: touchedAt + 0.25, ctimeMs: touchedAt + 0.25 }
    expect(isSettled(fine, touchedAt + fineStepMs)).toBe(false)
    expect(isSettled(fine, touchedAt + fineStepMs + 1)).toBe(true)
  })

  it('is not trusted when mtime was set back but ctime shows the change', () => {
    expect(isSettled({ ...seen, mtimeMs: touchedAt - 3_600_000 }, touchedAt + 100)).toBe(false)
  })

  it('is not trusted when anything a stat tells differs', () => {
    const block = blockOf({ a: {} })
    expect(hasStat(block, 0, seen)).toBe(true)
    for (const change of [
      { size: 11 },
      { mode: '0755' as const },
      { mtimeMs: touchedAt + 1 },
      { ctimeMs: touchedAt + 1 },
      { inode: 78 },
    ]) {
      expect(hasStat(block, 0, { ...seen, ...change })).toBe(false)
    }
  })

  it('of a file that was touched just now is not remembered at all', async () => {
    const index = memoryFileIndex()
    const blocks = new Map([['', blockOf({ old: {}, young: { ctimeMs: touchedAt + 60_000 } })]])
    const observedAt = touchedAt + 60_000
    await index.save({ blocks, memos: new Map(), gone: [], observedAt })
    const kept = (await index.load()).blocks.get('')
    expect(kept && hasStat(kept, 0, seen)).toBe(true)
    expect(kept && hasStat(kept, 1, stampAt(blockOf({ young: {} }), 0))).toBe(false)
  })

  it('goes with its folder', () => {
    const blocks = new Map(['a', 'a/b', 'ab'].map((folder) => [folder, blockOf({ x: {} })]))
    const change = { blocks: new Map(), memos: new Map(), gone: ['a'], observedAt: 0 }
    expect([...changedIndex({ blocks, memos: new Map() }, change).blocks.keys()]).toEqual(['ab'])
  })
})

const content: IndexContent = {
  blocks: new Map([
    ['', blockOf({ 'train.py': { mode: '0755' } })],
    ['data/größe', blockOf({ '1.csv': {}, '2.csv': { size: 2 ** 40 } })],
    ['empty', emptyBlock([])],
  ]),
  memos: new Map([[digestOf('what went in').slice(7), digestOf('what came out')]]),
}

/** A buffer of its own: columns need to begin at a multiple of eight. */
function bytesOf(parts: Iterable<Uint8Array>): Buffer {
  const joined = Buffer.concat([...parts])
  const checksum = Buffer.from(digestOf(joined).slice(7), 'hex')
  const bytes = Buffer.allocUnsafeSlow(joined.length + 32)
  joined.copy(bytes)
  checksum.copy(bytes, joined.length)
  return bytes
}

describe('the index file', () => {
  it('reads back as what was written', () => {
    const read = readIndex(bytesOf(indexParts(content)))
    expect([...(read?.blocks.keys() ?? [])]).toEqual([...content.blocks.keys()])
    expect(read?.memos).toEqual(content.memos)
    for (const [folder, block] of content.blocks) {
      const again = read?.blocks.get(folder)
      for (let at = 0; at < block.kinds.length; at++) {
        expect(again && stampAt(again, at)).toEqual(stampAt(block, at))
      }
    }
    const folders = emptyBlock(['deep'])
    setFolder(folders, 0)
    const nested = bytesOf(indexParts({ blocks: new Map([['', folders]]), memos: new Map() }))
    expect(readIndex(nested)?.blocks.get('')?.kinds).toEqual(Buffer.from([2]))
  })

  it('with a flipped bit, or cut short anywhere, counts as none', () => {
    const whole = bytesOf(indexParts(content))
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const damaged = bytesCopy(whole)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(readIndex(damaged)).toBeUndefined()
      }),
    )
    for (let length = 0; length < whole.length; length++) {
      expect(readIndex(bytesCopy(whole.subarray(0, length)))).toBeUndefined()
    }
  })

  it('never breaks the reader, whatever its bytes, and even under a right checksum', () => {
    const magic = Buffer.from('LSINDEX1')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(readIndex(bytesCopy(noise))).toBeUndefined()
        const read = readIndex(bytesOf([magic, noise]))
        for (const block of read?.blocks.values() ?? []) {
          expect(block.digests.length).toBe(block.kinds.length * 32)
        }
      }),
    )
  })
})

function bytesCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return copy
}
