// Carries what a worker counted and captured to the spool, a few times a second; never in the way of a request.
import type { Clock } from '../../foundation/clock.ts'
import type { CaptureRing } from './capture.ts'
import { countOf, type EvidenceCounter, type EvidenceSegment } from './evidence.ts'
import type { Metrics } from './metrics.ts'
import type { Mirror } from './mirror.ts'
import type { Backlog, Spool } from './spool.ts'

export interface FlusherParts {
  readonly workerId: string
  readonly bootId: string
  readonly clock: Clock
  readonly spool: Spool
  readonly evidence: EvidenceCounter
  readonly capture: CaptureRing
  readonly mirror: Mirror
  readonly metrics: Metrics
  readonly epoch: () => number
}

/** The spool is measured once in so many flushes: every five seconds. */
const measureEvery = 25
/** With so much waiting, nobody has come for long: more captures are dropped and counted, so that they never fill the disk. */
const mostCaptureBytes = 512 * 1024 * 1024
/** With so many files waiting, counts add up in memory and leave once a minute instead of five times a second. */
const manyFiles = 2000
const rarely = 300

/** `last`: nothing may be left behind in memory. */
export type Flush = (which?: 'last') => Promise<void>

/** Returns the flush; a call while one is under way waits for it and then flushes the rest. */
export function createFlusher(parts: FlusherParts): Flush {
  let seq = 0
  let last: Promise<void> = Promise.resolve()
  let backlog: Backlog = { files: 0, captureBytes: 0 }
  const flush = async (which?: 'last'): Promise<void> => {
    if (seq++ % measureEvery === 0) backlog = await parts.spool.backlog()
    const lost = await flushCaptures(parts, seq, backlog)
    const isDue = backlog.files < manyFiles || seq % rarely === 0 || which === 'last'
    if (isDue) await flushEvidence(parts, seq, lost)
    else parts.capture.addDropped(lost)
  }
  return (which) => {
    last = last.then(() => flush(which))
    return last
  }
}

/** How many lines were lost since the last time. */
async function flushCaptures(parts: FlusherParts, seq: number, backlog: Backlog): Promise<number> {
  const { lines, dropped } = parts.capture.take()
  if (lines.length === 0) return dropped
  if (backlog.captureBytes > mostCaptureBytes) return dropped + lines.length
  const written = await parts.spool.write(`capture-${parts.bootId}-${seq}.jsonl`, lines)
  if (!written) parts.capture.restore(lines)
  return dropped
}

async function flushEvidence(parts: FlusherParts, seq: number, lost: number): Promise<void> {
  const { workerId, bootId, evidence, mirror, metrics } = parts
  const taken = evidence.take()
  const dropped = { capture: lost, mirror: mirror.takeDropped(), evidence: taken.dropped }
  if (taken.cells.length === 0 && dropped.capture + dropped.mirror + dropped.evidence === 0) return
  const segment: EvidenceSegment = {
    format: 'lockstep.evidence/1',
    workerId,
    bootId,
    seq,
    writtenAt: parts.clock.now(),
    epoch: parts.epoch(),
    counts: taken.cells.map(countOf),
    dropped,
  }
  const written = await parts.spool.write(`evidence-${bootId}-${seq}.json`, JSON.stringify(segment))
  if (written) {
    metrics.add(taken.cells)
    metrics.addDropped(dropped)
    return
  }
  evidence.restore(taken)
  mirror.addDropped(dropped.mirror)
  parts.capture.addDropped(dropped.capture)
}
