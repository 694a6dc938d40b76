// The action cache in the state database: append-only; the first result under a key counts, others are kept as divergences.
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import { newId } from '../../foundation/ids.ts'
import type { ActionRow, Database } from '../../store/schema.ts'
import { type ActionCachePort, type ActionRecord, sameOutputs } from './action-cache.ts'
import type { StepKeyDocument } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

export function createActionCache(db: Database): ActionCachePort {
  const find: ActionCachePort['find'] = async (key) => {
    const row = await db.selectFrom('actions').selectAll().where('key', '=', key).executeTakeFirst()
    return row && recordOf(row)
  }
  return {
    find,
    async record(record) {
      const first = await find(record.key)
      const outputs = canonicalJson(record.outputs)
      if (!first) {
        const row: ActionRow = {
          key: record.key,
          step: record.step,
          document: canonicalJson(record.document),
          outputs,
          log_digest: record.logDigest ?? null,
          recorded_at: record.recordedAt,
        }
        await db
          .insertInto('actions')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .execute()
      } else if (!sameOutputs(first.outputs, record.outputs)) {
        const id = newId('div', record.recordedAt)
        await db
          .insertInto('divergences')
          .values({ id, key: record.key, outputs, seen_at: record.recordedAt })
          .execute()
      }
    },
    async latestFor(step) {
      const row = await db
        .selectFrom('actions')
        .selectAll()
        .where('step', '=', step)
        .orderBy('recorded_at', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && recordOf(row)
    },
  }
}

/** Newest first: two in a row explain why the later one ran. */
export async function recentActions(
  db: Database,
  step: string,
  limit: number,
): Promise<ActionRecord[]> {
  const rows = await db
    .selectFrom('actions')
    .selectAll()
    .where('step', '=', step)
    .orderBy('recorded_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(recordOf)
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
