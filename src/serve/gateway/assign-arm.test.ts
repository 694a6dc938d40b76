import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assignArm, basisPointOf, isMirrored } from './assign-arm.ts'
import { murmur3 } from './murmur3.ts'

describe('assigning traffic', () => {
  it('gives a key the same arm every time, and only moves keys towards the candidate as its share grows', () => {
    const share = fc.integer({ min: 0, max: 10_000 })
    fc.assert(
      fc.property(fc.string(), fc.string(), share, share, (salt, key, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a]
        expect(assignArm(salt, key, less)).toBe(assignArm(salt, key, less))
        if (assignArm(salt, key, less) === 'candidate') {
          expect(assignArm(salt, key, more)).toBe('candidate')
        }
      }),
    )
  })

  it('sends nobody at 0 and everybody at 10 000', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (salt, key) => {
        expect([assignArm(salt, key, 0), assignArm(salt, key, 10_000)]).toEqual([
          'stable',
          'candidate',
        ])
        expect([isMirrored(salt, key, 0), isMirrored(salt, key, 10_000)]).toEqual([false, true])
      }),
    )
  })

  it('meets the share it was asked for, within four standard deviations, and anew for each salt', () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `boot-${at.toString(36)}`)
    const share = (salt: string) =>
      keys.filter((key) => assignArm(salt, key, 2500) === 'candidate').length / keys.length
    const spread = 4 * Math.sqrt((0.25 * 0.75) / keys.length)
    for (const salt of ['a', 'b', 'rollout-7'])
      expect(Math.abs(share(salt) - 0.25)).toBeLessThan(spread)
    const both = keys.filter(
      (key) => basisPointOf('a', key) < 2500 && basisPointOf('b', key) < 2500,
    ).length
    expect(Math.abs(both / keys.length - 0.0625)).toBeLessThan(0.01)
  })

  it('hashes as MurmurHash3 does (values of the reference implementation)', () => {
    expect(murmur3('', 0)).toBe(0)
    expect(murmur3('', 1)).toBe(0x514e28b7)
    expect(murmur3('test', 0x9747b28c)).toBe(0x704b81dc)
    expect(murmur3('Hello, world!', 0x9747b28c)).toBe(0x24884cba)
    expect(murmur3('The quick brown fox jumps over the lazy dog', 0x9747b28c)).toBe(0x2fa826cd)
  })
})
