// Which arm of a rollout a request belongs to. The same salt and key give the same answer in every worker and after
// every restart, and a larger share only ever moves keys from stable to candidate.
import { murmur3 } from './murmur3.ts'

export type SplitArm = 'stable' | 'candidate'

export const allBp = 10_000

/** The place of a key on the line from 0 to 9999. A new salt gives an independent place. */
export function basisPointOf(salt: string, key: string): number {
  return Math.floor((murmur3(`${salt}\u0000${key}`) / 4_294_967_296) * allBp)
}

export function assignArm(salt: string, key: string, candidateBp: number): SplitArm {
  if (candidateBp <= 0) return 'stable'
  if (candidateBp >= allBp) return 'candidate'
  return basisPointOf(salt, key) < candidateBp ? 'candidate' : 'stable'
}

/** Mirroring draws from its own line, so that mirrored requests are not just the first of the split. */
export function isMirrored(salt: string, key: string, mirrorBp: number): boolean {
  if (mirrorBp <= 0) return false
  return mirrorBp >= allBp || basisPointOf(`${salt}\u0000mirror`, key) < mirrorBp
}
