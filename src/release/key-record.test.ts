// Whose signatures count: a word against a key wins over every word for it.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideTrust, type KeyRecord, keyRecordId } from './key-record.ts'
import { key, modelKey } from './sample-release.ts'

function record(phase: KeyRecord['phase'], at = 50): KeyRecord {
  const facts = {
    ...{ id: keyRecordId(key.keyId), revision: 1, model: 'income', environment: null },
    ...{ parentId: null, number: null, wakeAt: null, createdAt: 0, updatedAt: 0, ...key.trusted },
    ...{ origin: 'made' as const, because: 'it was made here', by: 'system:loop' },
  }
  const end = { because: 'the laptop was stolen', by: 'person:olga', at }
  return phase === 'trusted' ? { ...facts, phase } : { ...facts, phase, end }
}

const ids = (trust: ReturnType<typeof decideTrust>) => trust.trustedKeys.map(({ keyId }) => keyId)

test('own and declared keys count, each once', () => {
  const declared = [key.trusted, modelKey.trusted]
  const trust = decideTrust({ records: [record('trusted')], declared, recordedAt: null })
  expect(ids(trust)).toEqual([key.keyId, modelKey.keyId])
  expect(trust.revoked.size).toBe(0)
})

test('a revoked key counts nowhere, and the reason is known', () => {
  fc.assert(
    fc.property(fc.option(fc.nat(1000)), fc.boolean(), (recordedAt, isDeclared) => {
      const declared = isDeclared ? [key.trusted] : []
      const trust = decideTrust({ records: [record('revoked')], declared, recordedAt })
      expect(ids(trust)).toEqual([])
      expect(trust.revoked.get(key.keyId)).toBe('revoked by person:olga: the laptop was stolen')
    }),
  )
})

test.each([
  [49, true],
  [50, true],
  [51, false],
  [null, false],
])('a key retired at 50 counts for a release recorded at %s: %s', (recordedAt, counts) => {
  const trust = decideTrust({ records: [record('retired')], declared: [key.trusted], recordedAt })
  expect(ids(trust)).toEqual(counts ? [key.keyId] : [])
})
