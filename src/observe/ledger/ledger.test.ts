// Segments from gateway workers: parsed strictly, stored once, set aside when damaged, and added up per arm and share.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Fields, type Logger, silentLogger } from '../../foundation/logger.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import {
  countOf,
  EvidenceCounter,
  type EvidenceSegment,
  type Outcome,
} from '../../serve/gateway/evidence.ts'
import { type EvidenceRow, evidenceKey, mergeEvidence, noEvidence, totalOf } from './evidence.ts'
import type { LedgerPort } from './ledger-port.ts'
import { rolloutEvidence, trafficPerMinute } from './rollout-evidence.ts'
import { parseSegment, segmentFormat } from './segment.ts'
import { drainEvidence } from './spool.ts'

function row(change: Partial<EvidenceRow> = {}): EvidenceRow {
  return {
    ...noEvidence,
    environment: 'production',
    model: 'income',
    rolloutId: 'rol_1',
    candidateBp: 1000,
    arm: 'stable',
    releaseId: 'rel_1',
    minute: 60_000,
    requests: 1,
    ...change,
  }
}

function segmentText(counts: readonly EvidenceRow[], change: object = {}): string {
  const segment: EvidenceSegment = {
    format: segmentFormat,
    workerId: 'w1',
    bootId: 'b1',
    seq: 1,
    writtenAt: 61_000,
    epoch: 1,
    counts,
    dropped: { capture: 2, mirror: 0, evidence: 0 },
  }
  return JSON.stringify({ ...segment, ...change })
}

function memoryLedger() {
  const stored = new Map<string, readonly EvidenceRow[]>()
  const ledger: LedgerPort = {
    ingest: async (name, rows) => {
      if (stored.has(name)) return 'duplicate'
      stored.set(name, rows)
      return 'stored'
    },
    rowsOf: async () => mergeEvidence([], [...stored.values()].flat()),
  }
  return { ledger, stored }
}

describe('adding up', () => {
  const anyRow = fc.record({
    arm: fc.constantFrom<EvidenceRow['arm']>('stable', 'candidate', 'mirror', 'pinned'),
    candidateBp: fc.constantFrom(0, 1000),
    requests: fc.nat(100),
    errors: fc.nat(100),
    maxMs: fc.nat(50),
    latency: fc.array(fc.tuple(fc.nat(5), fc.nat(9)), { maxLength: 3 }),
    firstErrorAt: fc.option(fc.nat(1000)),
    lastErrorAt: fc.option(fc.nat(1000)),
  })

  test('order and batching of segments make no difference', () => {
    const sorted = (rows: readonly EvidenceRow[]) =>
      [...rows].sort((a, b) => (evidenceKey(a) < evidenceKey(b) ? -1 : 1))
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), fc.nat(12), (changes, cut) => {
        const rows = changes.map(row)
        const atOnce = mergeEvidence([], rows)
        const inTwo = mergeEvidence(mergeEvidence([], rows.slice(cut)), rows.slice(0, cut))
        expect(sorted(mergeEvidence([], inTwo)).map(totals)).toEqual(sorted(atOnce).map(totals))
        expect(new Set(atOnce.map(evidenceKey)).size).toBe(atOnce.length)
      }),
      { numRuns: 100 },
    )
    function totals(one: EvidenceRow) {
      return totalOf([one])
    }
  })

  test('a rollout is seen per share, pinned requests and other rollouts left out', () => {
    const evidence = rolloutEvidence('rol_1', [
      row({ requests: 90, errors: 1, firstErrorAt: 5, lastErrorAt: 9 }),
      row({ arm: 'candidate', releaseId: 'rel_2', requests: 10, errors: 4, firstErrorAt: 7 }),
      row({ candidateBp: 5000, minute: 120_000, requests: 50 }),
      row({ arm: 'pinned', requests: 99 }),
      row({ arm: 'mirror', releaseId: 'rel_2', requests: 3 }),
      row({ rolloutId: 'rol_0', requests: 99 }),
      row({ rolloutId: null, requests: 99 }),
    ])
    const summary = evidence.segments.map(({ candidateBp, stable, candidate }) => [
      candidateBp,
      stable.requests,
      candidate.requests,
      candidate.errors,
    ])
    expect(summary).toEqual([
      [1000, 90, 10, 4],
      [5000, 50, 0, 0],
    ])
    expect(evidence.stable).toMatchObject({ requests: 140, errors: 1, firstErrorAt: 5 })
    expect(evidence.candidate.firstErrorAt).toBe(7)
    expect(evidence.mirror.requests).toBe(3)
    expect(rolloutEvidence('rol_9', []).candidate).toEqual(noEvidence)
  })

  test('traffic per minute and release counts what clients saw', () => {
    const minutes = trafficPerMinute([
      row({ minute: 120_000, requests: 5 }),
      row({ requests: 7 }),
      row({ arm: 'pinned', requests: 2 }),
      row({ arm: 'mirror', requests: 50 }),
    ])
    expect(minutes.map(({ minute, requests }) => [minute, requests])).toEqual([
      [60_000, 9],
      [120_000, 5],
    ])
  })
})

describe('segments', () => {
  test('what a gateway counts can be read back', () => {
    const counter = new EvidenceCounter()
    const slot = { ...row(), cell: undefined }
    const outcomes: Outcome[] = ['ok', 'error', 'client_error', 'unavailable']
    for (const [at, outcome] of outcomes.entries()) {
      counter.record(slot, { outcome, at: 60_000 + at, elapsedMs: 1.5, rows: 3, answered: at < 3 })
    }
    const counts = counter.take().cells.map(countOf)
    const segment = parseSegment(segmentText(counts))
    if (isRefusal(segment)) throw new Error(segment.because)
    expect(segment.counts[0]).toMatchObject({
      requests: 4,
      errors: 1,
      clientErrors: 1,
      unavailable: 1,
      rows: 3,
      firstErrorAt: 60_001,
      lastAnswerAt: 60_002,
    })
  })

  test.each([
    ['{"format":"lockstep.evid', /not JSON/],
    ['[]', /not a JSON object/],
    ['{"format":"lockstep.evidence/9"}', /this Lockstep reads lockstep.evidence\/1/],
    [segmentText([], { counts: 3 }), /no list of counts/],
    [segmentText([], { dropped: {} }), /what was dropped/],
    [segmentText([row({ requests: -1 })]), /counts\[0\]: requests must be a whole number/],
    [segmentText([row({ arm: 'left' as 'stable' })]), /arm is "left", allowed are stable/],
    [segmentText([row({ latency: [[1, -2]] })]), /latency must be pairs/],
    [segmentText([row({ firstErrorAt: 0.5 })]), /firstErrorAt must be an instant or null/],
  ])('a wrong one is refused with what is wrong: %s', (text, sentence) => {
    expect(parseSegment(text)).toMatchObject({ because: expect.stringMatching(sentence) })
  })
})

describe('the spool', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lockstep-spool-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('segments are stored once and deleted; drafts and captures are left alone', async () => {
    const { ledger, stored } = memoryLedger()
    const drain = { folder, ledger, logger: silentLogger }
    await writeFile(join(folder, 'evidence-b1-1.json'), segmentText([row(), row()]))
    await writeFile(join(folder, '.evidence-b1-2.json.tmp'), '{')
    await writeFile(join(folder, 'capture-b1-1.jsonl'), '{}')
    const dropped = { capture: 2, mirror: 0, evidence: 0 }
    expect(await drainEvidence(drain)).toEqual({ stored: 1, duplicates: 0, rejected: 0, dropped })
    expect(stored.get('evidence-b1-1.json')).toMatchObject([{ requests: 2 }])
    // A crash between commit and deletion leaves the file: it comes again and counts nothing.
    await writeFile(join(folder, 'evidence-b1-1.json'), segmentText([row(), row()]))
    expect(await drainEvidence(drain)).toMatchObject({ stored: 0, duplicates: 1 })
    expect((await readdir(folder)).sort()).toEqual([
      '.evidence-b1-2.json.tmp',
      'capture-b1-1.jsonl',
    ])
  })

  test('a damaged segment is set aside with one line in the log; the others go on', async () => {
    const lines: { message: string; fields: Fields | undefined }[] = []
    const logger: Logger = {
      ...silentLogger,
      error: (message, fields) => lines.push({ message, fields }),
    }
    const { ledger, stored } = memoryLedger()
    await writeFile(join(folder, 'evidence-b1-1.json'), '{"format":')
    await writeFile(join(folder, 'evidence-b1-2.json'), segmentText([row()]))
    const report = await drainEvidence({ folder, ledger, logger })
    expect(report).toMatchObject({ stored: 1, rejected: 1 })
    expect([...stored.keys()]).toEqual(['evidence-b1-2.json'])
    expect(await readdir(join(folder, 'rejected'))).toEqual(['evidence-b1-1.json'])
    expect(lines).toMatchObject([{ fields: { segment: 'evidence-b1-1.json' } }])
  })

  test('when the ledger fails, everything stays for the next time', async () => {
    await writeFile(join(folder, 'evidence-b1-1.json'), segmentText([row()]))
    const ledger: LedgerPort = {
      ingest: () => Promise.reject(new Error('database is locked')),
      rowsOf: async () => [],
    }
    const drain = { folder, ledger, logger: silentLogger }
    await expect(drainEvidence(drain)).rejects.toThrow('database is locked')
    expect(await readdir(folder)).toEqual(['evidence-b1-1.json'])
  })

  test('no folder is an empty spool', async () => {
    const { ledger } = memoryLedger()
    const absent = join(folder, 'absent')
    expect(await drainEvidence({ folder: absent, ledger, logger: silentLogger })).toMatchObject({
      stored: 0,
    })
    await mkdir(absent)
  })
})
