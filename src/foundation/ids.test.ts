import { describe, expect, test } from 'vitest'
import { newId } from './ids.ts'

describe('identifiers', () => {
  test('sort by their time and never repeat', () => {
    const now = Date.UTC(2026, 0, 5)
    const ids = Array.from({ length: 1000 }, (_, i) => newId('run', now + i))
    expect([...ids].sort()).toEqual(ids)
    expect(new Set(Array.from({ length: 1000 }, () => newId('run', now))).size).toBe(1000)
    expect(ids[0]).toMatch(/^run_[0-9a-hjkmnp-tv-z]{26}$/)
  })

  test('carry their time in Crockford base 32', () => {
    // 1 469 918 176 385 ms is 01ARYZ6S41 in the ULID specification.
    expect(newId('x', 1_469_918_176_385).slice(0, 12)).toBe('x_01aryz6s41')
  })
})
