// Keys for people.
import type { KeysView, KeyView } from '../../api/contract/trust-routes.ts'
import type { Paint } from './paint.ts'
import { table } from './text.ts'
import { dateAndTime } from './time.ts'

export function keysReport({ keys, unreadable }: KeysView, paint: Paint): string[] {
  const rows = keys.map((key) => [
    shortKey(key.keyId),
    key.algorithm,
    phaseText(key, paint),
    key.knownSince === null ? '' : dateAndTime(key.knownSince),
    key.signs ?? '',
    key.releases.join(', '),
    whyText(key),
  ])
  return [
    ...table(['key', 'type', 'state', 'known since', 'signs here', 'sealed', 'why'], rows),
    ...unreadable.map(({ path, because }) => paint.warn(`! no key from ${path}: ${because}`)),
  ]
}

/** Enough to tell keys apart and to name one. */
export function shortKey(keyId: string): string {
  return keyId.replace(/^sha256:/, '').slice(0, 12)
}

function phaseText({ phase }: KeyView, paint: Paint): string {
  if (phase === 'trusted') return paint.good(phase)
  return phase === 'revoked' ? paint.bad(phase) : phase
}

function whyText({ because, by, end }: KeyView): string {
  return end ? `${end.by}: ${end.because}` : by === 'system:loop' ? because : `${by}: ${because}`
}
