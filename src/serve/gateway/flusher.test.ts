import { expect, test } from 'vitest'
import { TestClock } from '../../../test/support/test-clock.ts'
import { CaptureRing } from './capture.ts'
import { EvidenceCounter } from './evidence.ts'
import { createFlusher } from './flusher.ts'
import { Metrics } from './metrics.ts'
import { Mirror } from './mirror.ts'
import { ReplicaPool } from './replica-pool.ts'
import type { Backlog, Spool } from './spool.ts'

function worker(backlog: Backlog) {
  const clock = new TestClock()
  const written: string[] = []
  const spool: Spool = {
    backlog: async () => backlog,
    write: async (name) => {
      written.push(name)
      return true
    },
  }
  const pool = new ReplicaPool()
  const evidence = new EvidenceCounter()
  const capture = new CaptureRing({ sampleRate: 1 })
  const mirror = new Mirror({ pool, evidence, clock, deadlineMs: 100 })
  const flush = createFlusher({
    workerId: '0',
    bootId: 'boot',
    clock,
    spool,
    evidence,
    capture,
    mirror,
    metrics: new Metrics(),
    epoch: () => 1,
  })
  const capturedRow = () => capture.restore([Buffer.from('{"at":1}\n')])
  return { flush, written, capture, capturedRow, end: () => pool.close() }
}

test('while control comes for them, captures leave with each flush', async () => {
  const one = worker({ files: 3, captureBytes: 1000 })
  one.capturedRow()
  await one.flush()
  expect(one.written).toEqual(['capture-boot-1.jsonl'])
  one.end()
})

test('when half a gigabyte waits for a control plane that does not come, then captures are dropped, counted, and the count is told', async () => {
  const one = worker({ files: 3, captureBytes: 600 * 1024 * 1024 })
  one.capturedRow()
  await one.flush()
  expect(one.written).toEqual(['evidence-boot-1.json'])
  expect(one.capture.take()).toEqual({ lines: [], dropped: 0 })
  one.end()
})

test('when thousands of files wait, then counts stay in memory until a minute is over or the worker ends', async () => {
  const one = worker({ files: 5000, captureBytes: 600 * 1024 * 1024 })
  one.capturedRow()
  await one.flush()
  expect(one.written).toEqual([])
  await one.flush('last')
  expect(one.written).toEqual(['evidence-boot-2.json'])
  one.end()
})
