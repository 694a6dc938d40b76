// The last beats of a pass, the same for every kind: record the decision in one transaction, then act on the world.
import { canonicalJson } from '../foundation/canonical-json.ts'
import type { Decision, Kind, StoredObject } from '../store/object.ts'
import type { ObjectStore } from '../store/object-store.ts'

/** Saves only when something changed; a new wake time alone costs no revision and no event. */
export async function recordDecision<T extends StoredObject, Action>(
  store: ObjectStore,
  kind: Kind<T>,
  before: T,
  decision: Decision<T, Action>,
): Promise<void> {
  const { next, event, also = [], answers = [], notices = [] } = decision
  if (
    event ||
    also.length > 0 ||
    answers.length > 0 ||
    notices.length > 0 ||
    differs(before, next)
  ) {
    const own = { kind, object: next, expect: before.revision, ...(event ? { event } : {}) }
    await store.commit({ changes: [own, ...also], answers, notices })
  } else {
    await store.wake(kind.name, before.id, next.wakeAt)
  }
}

function differs(before: StoredObject, next: object): boolean {
  const { revision: _r, createdAt: _c, updatedAt: _u, wakeAt: _w, ...rest } = before
  const { wakeAt: _n, ...draft } = next as { wakeAt: unknown }
  return canonicalJson(rest) !== canonicalJson(draft)
}
