// The append-only event log: each entry's hash covers the one before, so that a changed or missing entry shows.
import { canonicalJson } from '../foundation/canonical-json.ts'
import { digestOf } from '../foundation/digest.ts'
import { turn } from '../foundation/system-clock.ts'
import type { Actor, StoredEvent } from './object.ts'
import type { Database, EventRow } from './schema.ts'

export const genesisHash = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'

export type SealedEventRow = Omit<EventRow, 'seq'> & { readonly seq: number }

/** The hash of one entry: canonical JSON of everything in it, the previous hash included. */
export function hashEvent(entry: Omit<SealedEventRow, 'hash'>): string {
  const { seq, at, kind, object_id, revision, phase, model, environment, type, actor } = entry
  const { because, details, after, previous_hash } = entry
  return digestOf(
    canonicalJson([
      seq,
      at,
      kind,
      object_id,
      revision,
      phase,
      model,
      environment,
      type,
      actor,
      because,
      details,
      after,
      previous_hash,
    ]),
  )
}

export interface ChainReport {
  readonly events: number
  readonly intact: boolean
  /** The first entry that does not fit, with what is wrong. */
  readonly broken: { readonly seq: number; readonly because: string } | null
  readonly head: string
}

/** Recomputes every hash from the first entry; reads in pages, so memory stays flat. */
export async function verifyChain(db: Database, pageSize = 1000): Promise<ChainReport> {
  let previous = genesisHash
  let seq = 0
  for (;;) {
    const page = await db
      .selectFrom('events')
      .selectAll()
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(pageSize)
      .execute()
    for (const row of page) {
      const because = flawOf(row, seq + 1, previous)
      if (because)
        return { events: seq, intact: false, broken: { seq: row.seq, because }, head: previous }
      previous = row.hash
      seq = row.seq
    }
    if (page.length < pageSize) return { events: seq, intact: true, broken: null, head: previous }
    await turn()
  }
}

function flawOf(row: SealedEventRow, expectedSeq: number, previous: string): string | null {
  if (row.seq !== expectedSeq) return `entry ${expectedSeq} is missing`
  if (row.previous_hash !== previous) return `entry ${row.seq} does not follow entry ${row.seq - 1}`
  if (hashEvent(row) !== row.hash) return `entry ${row.seq} was changed after it was written`
  return null
}

export function eventOf(row: SealedEventRow): StoredEvent {
  return {
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    objectId: row.object_id,
    revision: row.revision,
    phase: row.phase,
    model: row.model,
    environment: row.environment,
    type: row.type,
    actor: row.actor as Actor,
    because: row.because,
    details: JSON.parse(row.details) as Record<string, unknown>,
    previousHash: row.previous_hash,
    hash: row.hash,
  }
}
