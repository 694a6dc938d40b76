// Named, seeded random streams: the same seed gives the same numbers on every machine.
import { createHash, randomBytes } from 'node:crypto'

export interface RandomStream {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number
  /** Uniform integer in [0, bound). */
  below(bound: number): number
  /** Standard normal by Box-Muller. */
  normal(): number
}

/** sfc32 (C. Doty-Humphrey, PractRand), seeded by sha256 of `seed` and `name`; passes PractRand to many TB. */
export function randomStream(seed: string | number, name: string): RandomStream {
  const bytes = createHash('sha256').update(`${seed}\u0000${name}`).digest()
  let a = bytes.readUInt32LE(0)
  let b = bytes.readUInt32LE(4)
  let c = bytes.readUInt32LE(8)
  let d = 1
  const draw = (): number => {
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + t
    c |= 0
    return (t >>> 0) / 4_294_967_296
  }
  for (let round = 0; round < 16; round++) draw()
  return {
    next: draw,
    below: (bound) => Math.floor(draw() * bound),
    normal: () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()),
  }
}

/** A seed no one can predict, for salts and identifiers. */
export function freshSeed(): string {
  return randomBytes(16).toString('hex')
}
