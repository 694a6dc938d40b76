// Operational readiness, measured on the running replica: open-loop latency, errors, and whether a row's answer depends on its batch.
import { assert } from '../../foundation/assert.ts'
import type { Clock } from '../../foundation/clock.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { stopwatch } from '../../foundation/system-clock.ts'
import { encodeColumns } from '../../serve/protocol/infer-exchange.ts'
import type { ModelSignature } from '../../serve/protocol/tensor.ts'
import { type ScoredColumn, scoreRows } from '../../serve/runtime/score-rows.ts'
import type { ReadinessEvidence } from '../../verify/readiness/readiness-statistics.ts'
import type { ScoringReplica } from './scoring-replica.ts'

export interface ReadinessRequest {
  readonly replica: ScoringReplica
  readonly columns: readonly ScoredColumn[]
  readonly score: { readonly output: string; readonly column: number } | null
  readonly sizeBytes: number
  /** As the checks ask for; null where they do not say. */
  readonly load: { readonly ratePerSecond: number | null; readonly durationMs: number | null }
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** When no check says otherwise: enough answers for a bound on the 99th percentile (299 at 95 %), in two seconds. */
const defaultRate = 200
const defaultDurationMs = 2000
/** Sent before, not counted: the first answers of a process pay for its compilation. */
const warmUpRequests = 50
/** Rows scored one by one and in one batch; the answers must not differ. */
const parityRows = 64

export async function measureReadiness(request: ReadinessRequest): Promise<ReadinessEvidence> {
  const ratePerSecond = request.load.ratePerSecond ?? defaultRate
  const requests = Math.ceil(
    (ratePerSecond * (request.load.durationMs ?? defaultDurationMs)) / 1000,
  )
  await openLoop(request, { ratePerSecond, requests: warmUpRequests })
  const { latencyMs, errors } = await openLoop(request, { ratePerSecond, requests })
  return {
    loadMs: request.replica.loadMs,
    sizeBytes: request.sizeBytes,
    latencyMs,
    ratePerSecond,
    requests,
    errors,
    parityMaxDifference: await parityDifference(request),
  }
}

/** Requests arrive on a fixed schedule whether or not earlier ones were answered, so that queueing shows. */
async function openLoop(
  request: ReadinessRequest,
  { ratePerSecond, requests }: { readonly ratePerSecond: number; readonly requests: number },
): Promise<{ latencyMs: Float64Array; errors: number }> {
  const { replica, clock, signal } = request
  const bodies = Array.from({ length: 100 }, (_, row) =>
    singleRow(replica.signature, request.columns, row),
  )
  const latencyMs: number[] = []
  let errors = 0
  const elapsed = stopwatch()
  const pending: Promise<void>[] = []
  for (let sent = 0; sent < requests && !signal.aborted; ) {
    const due = Math.min(requests, Math.floor((elapsed() / 1000) * ratePerSecond) + 1)
    for (; sent < due; sent++) {
      const arrival = (sent / ratePerSecond) * 1000
      const body = bodies[sent % bodies.length]
      if (!body) continue
      pending.push(
        replica.client.infer(body, { timeoutMs: 5000 }).then(
          (answer) => {
            if (answer.status !== 200) errors++
            latencyMs.push(elapsed() - arrival)
          },
          () => {
            errors++
          },
        ),
      )
    }
    await clock.sleep(2, signal)
  }
  await Promise.all(pending)
  return { latencyMs: Float64Array.from(latencyMs), errors }
}

function singleRow(
  signature: ModelSignature,
  columns: readonly ScoredColumn[],
  row: number,
): Buffer {
  const inputs = signature.inputs.map((spec) => {
    const values = columns.find((column) => column.name === spec.name)?.values ?? []
    return { spec, values: [values[row % Math.max(1, values.length)]] }
  })
  const body = encodeColumns(inputs, [])
  assert(
    !isRefusal(body),
    `holdout row ${row} cannot be sent: ${isRefusal(body) ? body.because : ''}`,
  )
  return Buffer.from(body)
}

async function parityDifference({ replica, columns, score }: ReadinessRequest): Promise<number> {
  const few = columns.map(({ name, values }) => ({ name, values: values.slice(0, parityRows) }))
  const options = { signature: replica.signature, columns: few, ...(score ? { score } : {}) }
  const together = await scoreRows(replica.client, { ...options, batchRows: parityRows })
  const alone = await scoreRows(replica.client, { ...options, batchRows: 1 })
  return together.scores.reduce(
    (largest, value, row) => Math.max(largest, Math.abs(value - (alone.scores[row] ?? Number.NaN))),
    0,
  )
}
