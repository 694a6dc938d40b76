// Pins: a person's word that an object, and everything behind it, stays. Each word is one commit with its entry in the audit trail.
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { type Actor, defineKind, draftOf, type StoredObject } from '../../store/object.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import type { Shelf } from './shelf.ts'

export interface Pin extends StoredObject {
  readonly phase: 'pinned' | 'unpinned'
  readonly digest: Digest
  readonly because: string
  readonly by: Actor
}

export const pinKind = defineKind<Pin>({
  name: 'pin',
  initial: ['pinned'],
  transitions: { pinned: ['unpinned'], unpinned: ['pinned'] },
})

export interface PinWord {
  readonly digest: Digest
  readonly because: string
  readonly actor: Actor
  /** The project's model, where the entry is shown. */
  readonly model: string
}

interface PinWorld {
  readonly store: ObjectStore
  readonly shelf: Shelf
}

/** Pinning what is pinned gives it the newer reason. Throws when there is no such object. */
export async function pinObject({ store, shelf }: PinWorld, word: PinWord): Promise<Pin> {
  const { digest, because, actor } = word
  if (!(await shelf.has(digest))) throw missing(digest)
  const known = await store.find(pinKind, pinId(digest))
  // First the record, which makes every marking under way untrue; then the look.
  await setPin(store, known, { ...word, phase: 'pinned' })
  if (await shelf.touch(digest)) return store.get(pinKind, pinId(digest))
  const pinned = await store.get(pinKind, pinId(digest))
  if (known?.phase !== 'pinned') {
    const gone = `it was removed at the same moment (${because})`
    await setPin(store, pinned, { ...word, actor, because: gone, phase: 'unpinned' })
  }
  throw missing(digest)
}

/** Undefined when it was not pinned. */
export async function unpinObject(store: ObjectStore, word: PinWord): Promise<Pin | undefined> {
  const known = await store.find(pinKind, pinId(word.digest))
  if (known?.phase !== 'pinned') return undefined
  await setPin(store, known, { ...word, phase: 'unpinned' })
  return known
}

/** Newest first. */
export async function listPins(store: ObjectStore): Promise<Pin[]> {
  const all: Pin[] = await store.list(pinKind, { limit: Number.MAX_SAFE_INTEGER })
  return all
    .filter((pin) => pin.phase === 'pinned')
    .sort((a, b) => b.updatedAt - a.updatedAt || (a.digest < b.digest ? -1 : 1))
}

async function setPin(
  store: ObjectStore,
  known: Pin | undefined,
  { digest, because, actor, model, phase }: PinWord & Pick<Pin, 'phase'>,
): Promise<void> {
  const first = {
    ...{ id: pinId(digest), model, environment: null, parentId: null, number: null },
    ...{ wakeAt: null, digest },
  }
  const object = { ...(known ? draftOf(known) : first), phase, because, by: actor }
  const event = { type: `pin.${phase}`, actor, because, details: { digest } }
  await store.commit({
    changes: [{ kind: pinKind, object, expect: known?.revision ?? null, event }],
  })
}

function pinId(digest: Digest): string {
  return `pin_${digest.slice('sha256:'.length, 'sha256:'.length + 26)}`
}

function missing(digest: Digest): LockstepError {
  return new LockstepError({
    code: 'pin.object_missing',
    kind: 'not_found',
    message: `the object ${digest} is not in the content store, so it cannot be pinned`,
    hint: 'look for it: lockstep trace DIGEST',
    details: { digest },
  })
}
