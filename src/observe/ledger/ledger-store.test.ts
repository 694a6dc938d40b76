// The ledger in SQLite: what was stored comes back, equal keys add up, and a segment counts once.
import { expect, test } from 'vitest'
import { TestClock } from '../../../test/support/test-clock.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { type EvidenceRow, noEvidence } from './evidence.ts'
import { createLedger } from './ledger-store.ts'

const row: EvidenceRow = {
  ...noEvidence,
  environment: 'production',
  model: 'income',
  rolloutId: 'rol_1',
  candidateBp: 1000,
  arm: 'candidate',
  releaseId: 'rel_2',
  minute: 60_000,
  requests: 10,
  errors: 2,
  unavailable: 1,
  rows: 70,
  sumMs: 12.5,
  maxMs: 3,
  latency: [
    [3, 8],
    [9, 2],
  ],
  firstErrorAt: 61_000,
  lastErrorAt: 62_000,
}

test('segments add up once each', async () => {
  const ledger = createLedger(await openSqlite(':memory:'), new TestClock())
  const outside: EvidenceRow = { ...row, rolloutId: null, arm: 'stable', candidateBp: 0 }
  expect(await ledger.ingest('evidence-b1-1.json', [row, outside])).toBe('stored')
  expect(await ledger.rowsOf({ rolloutId: 'rol_1' })).toEqual([row])
  const later = { ...row, maxMs: 9, firstErrorAt: 60_500, latency: [[3, 1]] as const }
  expect(await ledger.ingest('evidence-b1-2.json', [later])).toBe('stored')
  expect(await ledger.ingest('evidence-b1-2.json', [later])).toBe('duplicate')
  expect(await ledger.rowsOf({ rolloutId: 'rol_1' })).toEqual([
    {
      ...row,
      requests: 20,
      errors: 4,
      unavailable: 2,
      rows: 140,
      sumMs: 25,
      maxMs: 9,
      latency: [
        [3, 9],
        [9, 2],
      ],
      firstErrorAt: 60_500,
    },
  ])
  expect(await ledger.rowsOf({ model: 'income', since: 60_000 })).toHaveLength(2)
  expect(await ledger.rowsOf({ since: 60_001 })).toEqual([])
  expect(await ledger.rowsOf({ releaseId: 'rel_1' })).toEqual([])
  expect(
    (await ledger.rowsOf({ environment: 'production' })).map((one) => one.rolloutId),
  ).toContain(null)
})
