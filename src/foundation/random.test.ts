import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { randomStream } from './random.ts'

describe('random streams', () => {
  // sfc32 as published in PractRand, seeded as random.ts says.
  const golden = (seed: string, name: string, count: number): number[] => {
    const bytes = createHash('sha256').update(`${seed}\u0000${name}`).digest()
    const state = new Uint32Array([
      bytes.readUInt32LE(0),
      bytes.readUInt32LE(4),
      bytes.readUInt32LE(8),
      1,
    ])
    const at = (index: number) => state[index] ?? 0
    const draw = () => {
      const sum = (at(0) + at(1) + at(3)) >>> 0
      state[3] = at(3) + 1
      state[0] = at(1) ^ (at(1) >>> 9)
      state[1] = at(2) + (at(2) << 3)
      state[2] = ((at(2) << 21) | (at(2) >>> 11)) + sum
      return sum
    }
    for (let round = 0; round < 16; round++) draw()
    return Array.from({ length: count }, () => draw() / 2 ** 32)
  }

  test('are those of sfc32, the same on every machine', () => {
    const stream = randomStream(7, 'split')
    const drawn = Array.from({ length: 1000 }, () => stream.next())
    expect(drawn).toEqual(golden('7', 'split', 1000))
    expect(drawn.slice(0, 3).map((value) => value * 2 ** 32)).toEqual([
      3048083209, 3476256705, 1849936614,
    ])
  })

  test('differ by name and by seed', () => {
    const first = (seed: number, name: string) => randomStream(seed, name).next()
    expect(new Set([first(1, 'a'), first(2, 'a'), first(1, 'b'), first(11, '')]).size).toBe(4)
  })

  test('draw integers below the bound, evenly', () => {
    const { below } = randomStream(1, 'dice')
    const counts = [0, 0, 0, 0, 0, 0]
    for (let i = 0; i < 60_000; i++) {
      const face = below(6)
      counts[face] = (counts[face] ?? 0) + 1
    }
    // Four standard deviations of a binomial (n = 60 000, p = 1/6) are 365.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(365)
  })

  test('draw normals with mean 0 and variance 1', () => {
    const { normal } = randomStream(1, 'bell')
    const drawn = Array.from({ length: 50_000 }, normal)
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length
    const variance = drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length
    expect(mean).toBeCloseTo(0, 1)
    expect(variance).toBeCloseTo(1, 1)
    expect(drawn.every(Number.isFinite)).toBe(true)
  })
})
