import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPaint } from './paint.ts'
import { plural, table, visibleWidth } from './text.ts'

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

test('plural', () => {
  expect([plural(0, 'row'), plural(1, 'row'), plural(1200, 'row')]).toEqual([
    '0 rows',
    '1 row',
    '1,200 rows',
  ])
})
