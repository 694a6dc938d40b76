// The action cache in the state database: append-only; the first result under a key counts, others are kept as divergences.
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { coalesce } from '../../foundation/coalesce.ts'
import type { Digest } from '../../foundation/digest.ts'
import { newId } from '../../foundation/ids.ts'
import { systemClock } from '../../foundation/system-clock.ts'
import type { ActionRow, Database } from '../../store/schema.ts'
import { type ActionCachePort, type ActionRecord, sameOutputs } from './action-cache.ts'
import type { StepKeyDocument } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

/** Results that end within so many milliseconds share one commit, and so one wait for the disk. */
const gatherMs = 25
/** SQLite allows 32 766 variables in a statement; a row has six. */
const batch = 500

/**
 * A record counts for this process at once and is committed a moment later, together with its neighbours. A power cut between the
 * two costs what a power cut during the step would have cost: the step runs again (docs/adr/0012).
 */
export function createActionCache(db: Database): ActionCachePort {
  let pending: ActionRecord[] = []
  const commit = coalesce(async () => {
    await systemClock.sleep(gatherMs)
    const records = pending
    if (records.length > 0) await commitRecords(db, records)
    pending = pending.slice(records.length)
  })
  let failed: unknown
  const find: ActionCachePort['find'] = async (key) => {
    const row = await db.selectFrom('actions').selectAll().where('key', '=', key).executeTakeFirst()
    return row ? recordOf(row) : pending.find((record) => record.key === key)
  }
  return {
    find,
    async findMany(steps) {
      const found: ActionRecord[] = []
      for (let at = 0; at < steps.length; at += batch) {
        // With a single max() SQLite takes the other columns from the row that has it (sqlite.org/lang_select.html, "bare columns").
        const rows = await db
          .selectFrom('actions')
          .selectAll()
          .select(({ fn }) => fn.max('recorded_at').as('newest'))
          .where('step', 'in', steps.slice(at, at + batch))
          .groupBy('step')
          .execute()
        found.push(...rows.map(recordOf))
      }
      return found
    },
    async record(record) {
      if (failed !== undefined) throw failed
      pending.push(record)
      void commit().catch((error) => {
        failed = error
      })
    },
    async flush() {
      failed = undefined
      if (pending.length > 0) await commit()
    },
    async latestFor(step) {
      const waiting = pending.findLast((record) => record.step === step)
      if (waiting !== undefined) return waiting
      const [row] = await newestRows(db, step, 1)
      return row && recordOf(row)
    },
  }
}

/** The first record of each key that is in the database afterwards counts; one with other outputs is a divergence. */
async function commitRecords(db: Database, records: readonly ActionRecord[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (let start = 0; start < records.length; start += batch) {
      const some = records.slice(start, start + batch)
      await tx
        .insertInto('actions')
        .values(some.map(rowOf))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      const keys = some.map(({ key }) => key)
      const rows = await tx.selectFrom('actions').selectAll().where('key', 'in', keys).execute()
      const counts = new Map(rows.map((row) => [row.key, JSON.parse(row.outputs) as StepOutput[]]))
      const divergent = some.filter(
        ({ key, outputs }) => !sameOutputs(counts.get(key) ?? outputs, outputs),
      )
      if (divergent.length === 0) continue
      await tx
        .insertInto('divergences')
        .values(
          divergent.map(({ key, outputs, recordedAt }) => ({
            ...{ id: newId('div', recordedAt), key, outputs: canonicalJson(outputs) },
            seen_at: recordedAt,
          })),
        )
        .execute()
    }
  })
}

/** Newest first: two in a row explain why the later one ran. */
export async function recentActions(
  db: Database,
  step: string,
  limit: number,
): Promise<ActionRecord[]> {
  return (await newestRows(db, step, limit)).map(recordOf)
}

function newestRows(db: Database, step: string, limit: number): Promise<ActionRow[]> {
  return db
    .selectFrom('actions')
    .selectAll()
    .where('step', '=', step)
    .orderBy('recorded_at', 'desc')
    .limit(limit)
    .execute()
}

function rowOf(record: ActionRecord): ActionRow {
  return {
    key: record.key,
    step: record.step,
    document: canonicalJson(record.document),
    outputs: canonicalJson(record.outputs),
    log_digest: record.logDigest ?? null,
    recorded_at: record.recordedAt,
  }
}

function recordOf(row: ActionRow): ActionRecord {
  return {
    key: row.key as Digest,
    step: row.step,
    document: JSON.parse(row.document) as StepKeyDocument,
    outputs: JSON.parse(row.outputs) as StepOutput[],
    recordedAt: row.recorded_at,
    ...(row.log_digest === null ? {} : { logDigest: row.log_digest as Digest }),
  }
}
