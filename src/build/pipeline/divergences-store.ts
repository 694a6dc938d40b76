// Results that differed from the one that counts under the same key: the sign of a step that is not deterministic.
import type { Digest } from '../../foundation/digest.ts'
import type { Database } from '../../store/schema.ts'
import type { StepOutput } from './step-run.ts'

export interface SeenDivergence {
  readonly outputs: readonly StepOutput[]
  readonly seenAt: number
}

/** Newest first. */
export async function divergencesOf(db: Database, key: Digest): Promise<SeenDivergence[]> {
  const rows = await db
    .selectFrom('divergences')
    .selectAll()
    .where('key', '=', key)
    .orderBy('seen_at', 'desc')
    .limit(100)
    .execute()
  return rows.map((row) => ({
    outputs: JSON.parse(row.outputs) as StepOutput[],
    seenAt: row.seen_at,
  }))
}
