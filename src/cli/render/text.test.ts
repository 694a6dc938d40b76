import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPaint } from './paint.ts'
import { harmless, plural, table, visibleWidth } from './text.ts'

describe('table', () => {
  test('columns are as wide as their widest cell, numbers stand right, nothing is a dash', () => {
    expect(
      table(
        ['name', 'requests', 'address'],
        [
          ['staging', 7, null],
          ['production', 12_345, 'http://x'],
        ],
      ),
    ).toEqual([
      'NAME        REQUESTS  ADDRESS',
      'staging            7  -',
      'production    12,345  http://x',
    ])
  })

  test('without rows there is no header either', () => {
    expect(table(['name'], [])).toEqual([])
  })

  test('colours do not move columns', () => {
    const cell = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 })
    const paint = createPaint(true)
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
        const plain = table(['a', 'b'], rows)
        const coloured = table(
          ['a', 'b'],
          rows.map(([a, b]) => [paint.bad(a), b]),
        )
        expect(coloured.map(visibleWidth)).toEqual(plain.map(visibleWidth))
      }),
    )
  })
})

test('what data holds is printed and never obeyed by the terminal', () => {
  const title = 'a\u001b]0;owned\u0007b'
  expect(harmless(title)).toBe('a[U+001B]]0;owned[U+0007]b')
  expect(harmless('x\u001b[2K\u009b1Ay')).toBe('x[U+001B][2K[U+009B]1Ay')
  expect(harmless('✗ fail\r✓ pass')).toBe('✗ fail ✓ pass')
  expect(harmless('abc\u202etxt.exe')).toBe('abc[U+202E]txt.exe')
  const coloured = `${createPaint(true).bad('no')}\tand\r\nmore`
  expect(harmless(coloured)).toBe(coloured)
})

test('plural', () => {
  expect([plural(0, 'row'), plural(1, 'row'), plural(1200, 'row')]).toEqual([
    '0 rows',
    '1 row',
    '1,200 rows',
  ])
})
