// A scan on a thread of its own, bounded in memory and time from outside: whatever the parsers do, it ends.
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../foundation/clock.ts'
import { sentenceOf } from '../../foundation/errors.ts'
import type { NamedFile } from './scan-files-fs.ts'
import type { SecurityEvidence } from './security-finding.ts'

export interface ScanApart {
  readonly files: readonly NamedFile[]
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Default: two minutes. */
  readonly timeoutMs?: number
}

const memoryMb = 3072

/** A sentence instead of evidence when the scan did not come to its end. */
export async function scanApart(request: ScanApart): Promise<SecurityEvidence | string> {
  const { files, clock, signal, timeoutMs = 120_000 } = request
  const ended = new AbortController()
  const worker = new Worker(new URL(import.meta.url.replace('scan-apart-fs', 'scan-worker')), {
    workerData: { files },
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  const answered = new Promise<SecurityEvidence | string>((resolve) => {
    worker.once('message', resolve)
    worker.once('error', (error) => resolve(`the scan of the artifact broke: ${sentenceOf(error)}`))
    worker.once('exit', () => resolve('the scan of the artifact ended without an answer'))
  })
  const late = clock
    .sleep(timeoutMs, AbortSignal.any([ended.signal, signal]))
    .then(() =>
      signal.aborted
        ? 'the scan of the artifact was stopped'
        : `the scan of the artifact was not done after ${timeoutMs / 1000} s`,
    )
  try {
    return await Promise.race([answered, late])
  } finally {
    ended.abort()
    await worker.terminate()
  }
}
