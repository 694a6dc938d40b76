// Carries what a worker counted and captured to the spool, a few times a second; never in the way of a request.
import type { Clock } from '../../foundation/clock.ts'
import type { CaptureRing } from './capture.ts'
import { countOf, type EvidenceCounter, type EvidenceSegment } from './evidence.ts'
import type { Metrics } from './metrics.ts'
import type { Mirror } from './mirror.ts'
import type { Spool } from './spool.ts'

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

/** Returns the flush; a call while one is under way waits for it and then flushes the rest. */
export function createFlusher(parts: FlusherParts): () => Promise<void> {
  let seq = 0
  let last: Promise<void> = Promise.resolve()
  const flush = async (): Promise<void> => {
    seq++
    const captured = parts.capture.take()
    if (captured.lines.length > 0) {
      const name = `capture-${parts.bootId}-${seq}.jsonl`
      if (!(await parts.spool.write(name, captured.lines))) parts.capture.restore(captured.lines)
    }
    await flushEvidence(parts, seq, captured.dropped)
  }
  return () => {
    last = last.then(flush)
    return last
  }
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
