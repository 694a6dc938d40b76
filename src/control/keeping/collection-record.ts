// The audit trail of removals: a collection is written down before its first object goes, and again when it ends. One that was killed
// in between stays open until the next one closes it.
import type { Instant } from '../../foundation/clock.ts'
import { sentenceOf } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { type Actor, defineKind, draftOf, type StoredObject } from '../../store/object.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import type { KeepingPolicy } from './keeping-policy.ts'

export interface RemovalCount {
  readonly objects: number
  readonly bytes: number
}

export interface CollectionRecord extends StoredObject {
  readonly phase: 'removing' | 'removed' | 'cut_short'
  readonly by: Actor
  readonly because: string
  readonly policy: KeepingPolicy
  /** What was to go; when it has ended, what went. */
  readonly objects: number
  readonly bytes: number
}

export const collectionKind = defineKind<CollectionRecord>({
  name: 'collection',
  initial: ['removing'],
  transitions: { removing: ['removed', 'cut_short'], removed: [], cut_short: [] },
})

export interface CollectionWord {
  readonly actor: Actor
  readonly because: string
  readonly model: string
  readonly policy: KeepingPolicy
  readonly now: Instant
}

export interface OpenRecord {
  removed(all: RemovalCount): Promise<void>
  cutShort(error: unknown): Promise<void>
}

export async function recordCollection(
  store: ObjectStore,
  word: CollectionWord,
  due: RemovalCount,
): Promise<OpenRecord> {
  const { actor, because, model, policy, now } = word
  for (const open of await store.list(collectionKind, { active: true })) {
    await end(store, open, { phase: 'cut_short', because: 'its process ended before it did' })
  }
  const id = newId('gc', now)
  const object = {
    ...{ id, phase: 'removing' as const, model, environment: null, parentId: null, wakeAt: null },
    ...{ number: await store.nextNumber(collectionKind.name, model), by: actor, because, policy },
    ...due,
  }
  const event = { type: 'collection.removing', actor, because, details: { ...due, ...policy } }
  await store.commit({ changes: [{ kind: collectionKind, object, expect: null, event }] })
  const close = async (ending: Ending) => {
    const open = await store.get(collectionKind, id)
    if (open.phase === 'removing') await end(store, open, ending)
  }
  return {
    removed: (all) => close({ phase: 'removed', because, ...all }),
    cutShort: (error) => close({ phase: 'cut_short', because: sentenceOf(error) }),
  }
}

interface Ending extends Partial<RemovalCount> {
  readonly phase: 'removed' | 'cut_short'
  readonly because: string
}

async function end(
  store: ObjectStore,
  record: CollectionRecord,
  { phase, because, ...went }: Ending,
): Promise<void> {
  const { objects, bytes, by: actor } = { ...record, ...went }
  const event = {
    ...{ type: `collection.${phase}`, actor, because },
    details: phase === 'removed' ? { objects, bytes } : {},
  }
  const object = { ...draftOf(record), phase, objects, bytes }
  await store.commit({
    changes: [{ kind: collectionKind, object, expect: record.revision, event }],
  })
}
