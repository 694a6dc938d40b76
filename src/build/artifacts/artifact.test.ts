import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { digestOf } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { TreeEntry } from './artifact.ts'
import { decodeTree, encodeTree, treeOf } from './artifact.ts'
import { isWithin, normalisePath } from './relative-path.ts'

const name = fc.stringMatching(/^[a-zäß€😀"]{1,6}$/u)
const entry = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
  mode: fc.constantFrom('0644', '0755'),
  digest: fc.string().map((text) => digestOf(text)),
  size: fc.nat(),
}) as fc.Arbitrary<TreeEntry>
const entries = fc.uniqueArray(entry, { selector: (one) => one.path })

describe('a tree manifest', () => {
  it('is canonical JSON of its entries by path, whatever their order', () => {
    fc.assert(
      fc.property(entries, (tree) => {
        const sorted = [...tree].sort((a, b) => (a.path < b.path ? -1 : 1))
        expect(encodeTree(tree)).toBe(canonicalJson(sorted))
        expect(treeOf([...tree].reverse())).toEqual(treeOf(tree))
      }),
    )
  })

  it('reads back as what was written', () => {
    fc.assert(
      fc.property(entries, (tree) => {
        const read = decodeTree(encodeTree(tree))
        expect(isRefusal(read) ? [] : treeOf(read)).toEqual(
          isRefusal(read) ? 'refused' : treeOf(tree),
        )
      }),
    )
  })

  it('never names a place outside its tree', () => {
    const digest = digestOf('')
    for (const path of ['../etc/passwd', '/etc/passwd', 'a/../../b', 'a\\b', './a', 'a//b', '']) {
      const text = JSON.stringify([{ path, mode: '0644', digest, size: 0 }])
      expect(isRefusal(decodeTree(text)), path).toBe(true)
    }
  })

  it('refuses whatever is not a list of files, in any bytes', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeTree(text)))
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = decodeTree(JSON.stringify(value))
        expect(isRefusal(read) || (Array.isArray(value) && value.length === 0)).toBe(true)
      }),
    )
  })
})

describe('a relative path', () => {
  it('has one spelling', () => {
    expect(normalisePath('./data//raw/')).toBe('data/raw')
    expect(normalisePath('a/./b')).toBe('a/b')
  })

  it('that is accepted stays inside, and is its own plain form', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', '..', '.', '', 'b c', '/'), { maxLength: 6 }),
        (parts) => {
          const path = normalisePath(parts.join('/'))
          if (isRefusal(path)) return
          expect(path).not.toMatch(/(^\/)|(^|\/)\.\.?(\/|$)/)
          expect(normalisePath(path)).toBe(path)
        },
      ),
    )
  })

  it('is within a folder by whole names only', () => {
    expect(isWithin('data/raw', 'data')).toBe(true)
    expect(isWithin('database', 'data')).toBe(false)
  })
})
