// How one commit lands: each change checked against its kind's table and the revision it read, then its event chained on.
import { canonicalJson } from '../foundation/canonical-json.ts'
import type { Instant } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'
import { newId } from '../foundation/ids.ts'
import { genesisHash, hashEvent } from './event-chain.ts'
import {
  type Change,
  checkTransition,
  type IntentAnswer,
  isTerminal,
  type Notice,
  type StoredObject,
} from './object.ts'
import type { Database, ObjectRow } from './schema.ts'

export interface Commit {
  readonly changes: readonly Change[]
  readonly answers?: readonly IntentAnswer[]
  readonly notices?: readonly Notice[]
}

/** One transaction: all of it or none of it. */
export async function commitAll(db: Database, commit: Commit, now: Instant): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const change of commit.changes) await applyChange(tx, change, now)
    for (const answer of commit.answers ?? []) await recordAnswer(tx, answer, now)
    for (const notice of commit.notices ?? []) await queueNotice(tx, notice, now)
  })
}

async function applyChange(tx: Database, change: Change, now: Instant): Promise<void> {
  const { kind, object, expect } = change
  const current = await tx
    .selectFrom('objects')
    .selectAll()
    .where('kind', '=', kind.name)
    .where('id', '=', object.id)
    .executeTakeFirst()
  if (expect === null) checkCreation(change, current !== undefined)
  else checkSave(change, current)
  const stored: StoredObject = {
    ...object,
    revision: (expect ?? 0) + 1,
    createdAt: current?.created_at ?? now,
    updatedAt: now,
  }
  const row: ObjectRow = {
    kind: kind.name,
    id: stored.id,
    phase: stored.phase,
    revision: stored.revision,
    model: stored.model,
    environment: stored.environment,
    parent_id: stored.parentId,
    number: stored.number,
    wake_at: stored.wakeAt,
    terminal: isTerminal(kind, stored.phase) ? 1 : 0,
    created_at: stored.createdAt,
    updated_at: now,
    body: canonicalJson(stored),
  }
  if (expect === null) await tx.insertInto('objects').values(row).execute()
  else
    await tx
      .updateTable('objects')
      .set(row)
      .where('kind', '=', kind.name)
      .where('id', '=', stored.id)
      .execute()
  if (change.event) await appendEvent(tx, change, row, now)
}

function checkCreation(change: Change, exists: boolean): void {
  const { kind, object } = change
  if (exists) throw conflict(`${kind.name} '${object.id}' exists already`)
  if (!kind.initial.includes(object.phase)) {
    throw conflict(
      `a ${kind.name} starts as ${kind.initial.join(' or ')}, not as '${object.phase}'`,
    )
  }
}

function checkSave(change: Change, current: ObjectRow | undefined): void {
  const { kind, object, expect } = change
  if (!current)
    throw new LockstepError({
      code: 'store.not_found',
      kind: 'not_found',
      message: `there is no ${kind.name} '${object.id}'`,
    })
  if (current.revision !== expect) {
    throw conflict(
      `${kind.name} '${object.id}' is at revision ${current.revision}, not ${expect}: someone else changed it first`,
    )
  }
  checkTransition(kind, current.phase, object.phase)
}

function conflict(message: string): LockstepError {
  return new LockstepError({
    code: 'store.revision_conflict',
    kind: 'conflict',
    message,
    hint: 'read it again and decide anew',
  })
}

async function appendEvent(
  tx: Database,
  change: Change,
  row: ObjectRow,
  now: Instant,
): Promise<void> {
  const { event } = change
  if (!event) return
  const last = await tx
    .selectFrom('events')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const unsealed = {
    seq: (last?.seq ?? 0) + 1,
    at: now,
    kind: row.kind,
    object_id: row.id,
    revision: row.revision,
    phase: row.phase,
    model: row.model,
    environment: row.environment,
    type: event.type,
    actor: event.actor,
    because: event.because,
    details: canonicalJson(event.details ?? {}),
    after: row.body,
    previous_hash: last?.hash ?? genesisHash,
  }
  await tx
    .insertInto('events')
    .values({ ...unsealed, hash: hashEvent(unsealed) })
    .execute()
}

async function recordAnswer(tx: Database, answer: IntentAnswer, now: Instant): Promise<void> {
  await tx
    .updateTable('intents')
    .set({ answered_at: now, accepted: answer.accepted ? 1 : 0, because: answer.because })
    .where('id', '=', answer.intentId)
    .execute()
}

async function queueNotice(tx: Database, notice: Notice, now: Instant): Promise<void> {
  await tx
    .insertInto('notices')
    .values({
      id: newId('ntc', now),
      topic: notice.topic,
      sentence: notice.sentence,
      details: canonicalJson(notice.details ?? {}),
      written_at: now,
      attempts: 0,
      delivered_at: null,
    })
    .execute()
}
