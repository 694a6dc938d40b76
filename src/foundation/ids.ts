// Identifiers that sort by time and say what they name: `run_01jd3k…`.
import { randomBytes } from 'node:crypto'
import type { Instant } from './clock.ts'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** ULID layout (48 bits of time, 80 of randomness) in lower-case Crockford base 32, after a prefix. */
export function newId(prefix: string, now: Instant): string {
  let time = ''
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) {
    time = alphabet.charAt(rest % 32) + time
  }
  let noise = ''
  for (const byte of randomBytes(16)) noise += alphabet.charAt(byte & 31)
  return `${prefix}_${time}${noise}`
}
