// The store's one writing door: state, event, answers to intents and notices commit together or not at all.
import { canonicalJson } from '../foundation/canonical-json.ts'
import type { Clock, Instant } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'
import { newId } from '../foundation/ids.ts'
import { type Commit, commitAll } from './commit.ts'
import { eventOf } from './event-chain.ts'
import type { Actor, Intent, IntentAnswer, Kind, StoredEvent, StoredObject } from './object.ts'
import type { Database, IntentRow, ObjectRow } from './schema.ts'

export interface ListFilter {
  readonly model?: string
  readonly environment?: string
  readonly parentId?: string
  /** true: only objects in a phase from which something may follow. */
  readonly active?: boolean
  readonly limit?: number
}

export interface IntentDraft {
  readonly kind: string
  readonly objectId: string
  readonly command: string
  readonly actor: Actor
  readonly reason?: string | null
  readonly payload?: Readonly<Record<string, unknown>>
  readonly idempotencyKey?: string
}

export interface ObjectStore {
  find<T extends StoredObject>(kind: Kind<T>, id: string): Promise<T | undefined>
  /** As find, but throws `store.not_found`. */
  get<T extends StoredObject>(kind: Kind<T>, id: string): Promise<T>
  /** Newest first. */
  list<T extends StoredObject>(kind: Kind<T>, filter?: ListFilter): Promise<T[]>
  /** Ids of objects whose wake time has come, longest waiting first. */
  due(kindName: string, now: Instant, limit: number): Promise<string[]>
  nextWake(kindName: string): Promise<Instant | null>
  nextNumber(kindName: string, model: string): Promise<number>
  commit(commit: Commit): Promise<void>
  /** Only moves the wake time: no revision, no event. */
  wake(kindName: string, id: string, at: Instant | null): Promise<void>
  /** Makes every object that can still change due now: what a restarted control plane does first. */
  wakeAll(at: Instant): Promise<void>
  writeIntent(draft: IntentDraft): Promise<Intent>
  openIntents(kindName: string, objectId: string): Promise<Intent[]>
  answerOf(intentId: string): Promise<IntentAnswer | undefined>
  events(query: EventQuery): Promise<StoredEvent[]>
  /** Called after each commit, in this process, with the kinds it touched. */
  onCommit(listener: (kinds: ReadonlySet<string>) => void): () => void
}

export interface EventQuery {
  readonly afterSeq?: number
  readonly objectId?: string
  readonly limit?: number
  readonly newestFirst?: boolean
}

export function createObjectStore(db: Database, clock: Clock): ObjectStore {
  const listeners = new Set<(kinds: ReadonlySet<string>) => void>()
  const announce = (kinds: ReadonlySet<string>) => {
    for (const listener of listeners) listener(kinds)
  }

  const find = async <T extends StoredObject>(kind: Kind<T>, id: string) => {
    const row = await db
      .selectFrom('objects')
      .selectAll()
      .where('kind', '=', kind.name)
      .where('id', '=', id)
      .executeTakeFirst()
    return row && (objectOf(row) as T)
  }

  return {
    find,
    async get(kind, id) {
      const found = await find(kind, id)
      if (found) return found
      throw new LockstepError({
        code: 'store.not_found',
        kind: 'not_found',
        message: `there is no ${kind.name} '${id}'`,
      })
    },
    async list<T extends StoredObject>(kind: Kind<T>, filter: ListFilter = {}) {
      let query = db.selectFrom('objects').selectAll().where('kind', '=', kind.name)
      if (filter.model !== undefined) query = query.where('model', '=', filter.model)
      if (filter.environment !== undefined)
        query = query.where('environment', '=', filter.environment)
      if (filter.parentId !== undefined) query = query.where('parent_id', '=', filter.parentId)
      if (filter.active) query = query.where('terminal', '=', 0)
      const rows = await query
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(filter.limit ?? 1000)
        .execute()
      return rows.map((row) => objectOf(row) as T)
    },
    async due(kindName, now, limit) {
      const rows = await db
        .selectFrom('objects')
        .select('id')
        .where('kind', '=', kindName)
        .where('wake_at', '<=', now)
        .orderBy('wake_at')
        .limit(limit)
        .execute()
      return rows.map((row) => row.id)
    },
    async nextWake(kindName) {
      const row = await db
        .selectFrom('objects')
        .select((eb) => eb.fn.min('wake_at').as('at'))
        .where('kind', '=', kindName)
        .executeTakeFirst()
      return row?.at ?? null
    },
    async nextNumber(kindName, model) {
      const row = await db
        .selectFrom('objects')
        .select((eb) => eb.fn.max('number').as('top'))
        .where('kind', '=', kindName)
        .where('model', '=', model)
        .executeTakeFirst()
      return (row?.top ?? 0) + 1
    },
    async commit(commit) {
      await commitAll(db, commit, clock.now())
      announce(new Set(commit.changes.map((change) => change.kind.name)))
    },
    async wake(kindName, id, at) {
      await db
        .updateTable('objects')
        .set({ wake_at: at })
        .where('kind', '=', kindName)
        .where('id', '=', id)
        .execute()
      if (at !== null && at <= clock.now()) announce(new Set([kindName]))
    },
    async wakeAll(at) {
      await db.updateTable('objects').set({ wake_at: at }).where('terminal', '=', 0).execute()
    },
    async writeIntent(draft) {
      const now = clock.now()
      const id = newId('int', now)
      const key = draft.idempotencyKey ?? id
      const row = await db.transaction().execute(async (tx) => {
        const earlier = await tx
          .selectFrom('intents')
          .selectAll()
          .where('idempotency_key', '=', key)
          .executeTakeFirst()
        if (earlier) return earlier
        const fresh: IntentRow = {
          id,
          kind: draft.kind,
          object_id: draft.objectId,
          command: draft.command,
          actor: draft.actor,
          reason: draft.reason ?? null,
          payload: canonicalJson(draft.payload ?? {}),
          idempotency_key: key,
          written_at: now,
          answered_at: null,
          accepted: null,
          because: null,
        }
        await tx.insertInto('intents').values(fresh).execute()
        await tx
          .updateTable('objects')
          .set({ wake_at: now })
          .where('kind', '=', draft.kind)
          .where('id', '=', draft.objectId)
          .execute()
        return fresh
      })
      announce(new Set([draft.kind]))
      return intentOf(row)
    },
    async openIntents(kindName, objectId) {
      const rows = await db
        .selectFrom('intents')
        .selectAll()
        .where('kind', '=', kindName)
        .where('object_id', '=', objectId)
        .where('answered_at', 'is', null)
        .orderBy('written_at')
        .orderBy('id')
        .execute()
      return rows.map(intentOf)
    },
    async answerOf(intentId) {
      const row = await db
        .selectFrom('intents')
        .selectAll()
        .where('id', '=', intentId)
        .executeTakeFirst()
      if (!row || row.answered_at === null) return undefined
      return { intentId, accepted: row.accepted === 1, because: row.because ?? '' }
    },
    async events({ afterSeq = 0, objectId, limit = 200, newestFirst = false }) {
      let query = db.selectFrom('events').selectAll().where('seq', '>', afterSeq)
      if (objectId !== undefined) query = query.where('object_id', '=', objectId)
      const rows = await query
        .orderBy('seq', newestFirst ? 'desc' : 'asc')
        .limit(limit)
        .execute()
      return rows.map(eventOf)
    },
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Columns win over the body: the wake time may have been moved without a new revision. */
function objectOf(row: ObjectRow): StoredObject {
  return { ...(JSON.parse(row.body) as StoredObject), wakeAt: row.wake_at }
}

function intentOf(row: IntentRow): Intent {
  return {
    id: row.id,
    kind: row.kind,
    objectId: row.object_id,
    command: row.command,
    actor: row.actor as Actor,
    reason: row.reason,
    payload: JSON.parse(row.payload) as Record<string, unknown>,
    writtenAt: row.written_at,
  }
}
