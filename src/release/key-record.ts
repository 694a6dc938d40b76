// A key as the project knows it, and whose signatures count: a revoked key never, a retired one for what was recorded before.
import type { Instant } from '../foundation/clock.ts'
import { toIso } from '../foundation/clock.ts'
import { defineKind, type StoredObject } from '../store/object.ts'
import type { KeyAlgorithm, TrustedKey } from './signing.ts'

interface KeyFacts extends StoredObject {
  readonly environment: null
  readonly number: null
  readonly keyId: string
  readonly algorithm: KeyAlgorithm
  readonly publicKeyPem: string
  /** `made`: on this machine. `given`: from outside, and signs here. `added`: a person trusts it; it signs elsewhere. */
  readonly origin: 'made' | 'given' | 'added'
  /** Why it is known, and by whose word. */
  readonly because: string
  readonly by: string
}

/** What was said against it. */
export interface KeyEnd {
  readonly because: string
  readonly by: string
  readonly at: Instant
}

export type KeyRecord = KeyFacts &
  ({ readonly phase: 'trusted' } | { readonly phase: 'retired' | 'revoked'; readonly end: KeyEnd })

/** No way back from `revoked`: whoever found the key could have used it meanwhile. A new key is made in a second. */
export const keyKind = defineKind<KeyRecord>({
  name: 'key',
  initial: ['trusted', 'revoked'],
  transitions: {
    trusted: ['retired', 'revoked'],
    retired: ['revoked'],
    revoked: [],
  },
})

export function keyRecordId(keyId: string): string {
  return `key_${keyId.slice('sha256:'.length, 'sha256:'.length + 26)}`
}

/** What verification is asked with. */
export interface Trust {
  readonly trustedKeys: readonly TrustedKey[]
  /** Key id → why its signature does not count. */
  readonly revoked: ReadonlyMap<string, string>
}

export interface TrustQuestion {
  readonly records: readonly KeyRecord[]
  /** From lockstep.yaml. */
  readonly declared: readonly TrustedKey[]
  /** When this project recorded the release; null for one that comes in now. */
  readonly recordedAt: Instant | null
}

/** A word against a key wins over every word for it, wherever it was said. */
export function decideTrust({ records, declared, recordedAt }: TrustQuestion): Trust {
  const revoked = new Map<string, string>()
  for (const record of records) {
    const objection = objectionTo(record, recordedAt)
    if (objection !== null) revoked.set(record.keyId, objection)
  }
  const known: readonly TrustedKey[] = [...records, ...declared]
  const trusted = new Map(
    known
      .filter(({ keyId }) => !revoked.has(keyId))
      .map(({ keyId, algorithm, publicKeyPem }) => [keyId, { keyId, algorithm, publicKeyPem }]),
  )
  return { trustedKeys: [...trusted.values()], revoked }
}

function objectionTo(record: KeyRecord, recordedAt: Instant | null): string | null {
  if (record.phase === 'trusted') return null
  const { because, by, at } = record.end
  if (record.phase === 'revoked') return `revoked by ${by}: ${because}`
  // A retired key's private half is gone here, but not every copy may be: only the past is believed.
  if (recordedAt !== null && recordedAt <= at) return null
  return recordedAt === null
    ? `retired on ${toIso(at)}, and this project had not recorded the release by then`
    : `retired on ${toIso(at)}, and this release was recorded later`
}
