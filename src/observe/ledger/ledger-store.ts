// The ledger in the state database: additive rows, and the names of the segments that are in them already.
import type { Clock } from '../../foundation/clock.ts'
import type { Database, EvidenceRowColumns } from '../../store/schema.ts'
import { addTotals, type EvidenceRow, mergeEvidence } from './evidence.ts'
import type { LedgerPort } from './ledger-port.ts'

export function createLedger(db: Database, clock: Clock): LedgerPort {
  return {
    ingest: (segmentName, rows) =>
      db.transaction().execute(async (tx) => {
        const fresh = await tx
          .insertInto('evidence_segments')
          .values({ name: segmentName, at: clock.now() })
          .onConflict((conflict) => conflict.doNothing())
          .returning('name')
          .executeTakeFirst()
        if (!fresh) return 'duplicate'
        for (const row of mergeEvidence([], rows)) await addRow(tx, row)
        return 'stored'
      }),
    async rowsOf({ environment, model, rolloutId, releaseId, since }) {
      let query = db.selectFrom('evidence').selectAll()
      if (environment !== undefined) query = query.where('environment', '=', environment)
      if (model !== undefined) query = query.where('model', '=', model)
      if (rolloutId !== undefined) query = query.where('rollout_id', '=', rolloutId)
      if (releaseId !== undefined) query = query.where('release_id', '=', releaseId)
      if (since !== undefined) query = query.where('minute', '>=', since)
      return (await query.execute()).map(evidenceOf)
    },
  }
}

async function addRow(tx: Database, row: EvidenceRow): Promise<void> {
  const { environment, model, rollout_id, candidate_bp, arm, release_id, minute } = columnsOf(row)
  const key = { environment, model, rollout_id, candidate_bp, arm, release_id, minute }
  const known = tx.selectFrom('evidence').selectAll()
  const before = await Object.entries(key)
    .reduce((query, [column, value]) => query.where(column as keyof typeof key, '=', value), known)
    .executeTakeFirst()
  if (!before) {
    await tx.insertInto('evidence').values(columnsOf(row)).execute()
    return
  }
  const sum = columnsOf({ ...row, ...addTotals(evidenceOf(before), row) })
  const update = tx.updateTable('evidence').set(sum)
  await Object.entries(key)
    .reduce((query, [column, value]) => query.where(column as keyof typeof key, '=', value), update)
    .execute()
}

function evidenceOf(row: EvidenceRowColumns): EvidenceRow {
  return {
    environment: row.environment,
    model: row.model,
    rolloutId: row.rollout_id === '' ? null : row.rollout_id,
    candidateBp: row.candidate_bp,
    arm: row.arm as EvidenceRow['arm'],
    releaseId: row.release_id,
    minute: row.minute,
    requests: row.requests,
    errors: row.errors,
    clientErrors: row.client_errors,
    rows: row.rows,
    unavailable: row.unavailable,
    sumMs: row.sum_ms,
    maxMs: row.max_ms,
    latency: JSON.parse(row.latency) as EvidenceRow['latency'],
    firstErrorAt: row.first_error_at,
    lastErrorAt: row.last_error_at,
    firstAnswerAt: row.first_answer_at,
    lastAnswerAt: row.last_answer_at,
  }
}

function columnsOf(row: EvidenceRow): EvidenceRowColumns {
  return {
    environment: row.environment,
    model: row.model,
    // A key cannot hold null.
    rollout_id: row.rolloutId ?? '',
    candidate_bp: row.candidateBp,
    arm: row.arm,
    release_id: row.releaseId,
    minute: row.minute,
    requests: row.requests,
    errors: row.errors,
    client_errors: row.clientErrors,
    unavailable: row.unavailable,
    rows: row.rows,
    sum_ms: row.sumMs,
    max_ms: row.maxMs,
    latency: JSON.stringify(row.latency),
    first_error_at: row.firstErrorAt,
    last_error_at: row.lastErrorAt,
    first_answer_at: row.firstAnswerAt,
    last_answer_at: row.lastAnswerAt,
  }
}
