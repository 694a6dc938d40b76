// A store small enough to simulate with: revisions, transition tables, all or nothing.

import { assert } from '../../../src/foundation/assert.ts'
import {
  type Change,
  checkTransition,
  type Decision,
  type Draft,
  isTerminal,
  type Kind,
  type StoredObject,
} from '../../../src/store/object.ts'

interface Entry {
  readonly kind: Kind<StoredObject>
  readonly object: StoredObject
}

export class Shelf {
  readonly #entries = new Map<string, Entry>()
  commits = 0

  get<T extends StoredObject>(id: string): T {
    const entry = this.#entries.get(id)
    assert(entry !== undefined, `${id} is not on the shelf`)
    return entry.object as T
  }

  find<T extends StoredObject>(id: string): T | null {
    return (this.#entries.get(id)?.object as T | undefined) ?? null
  }

  list<T extends StoredObject>(kind: string): readonly T[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.kind.name === kind)
      .map((entry) => entry.object as T)
  }

  /** False when someone else wrote first; then nothing was written. */
  commit(changes: readonly Change[], now: number): boolean {
    const isStale = changes.some(
      (change) => (this.find(change.object.id)?.revision ?? null) !== change.expect,
    )
    if (isStale) return false
    for (const change of changes) this.#write(change, now)
    this.commits += 1
    return true
  }

  save<T extends StoredObject>(
    kind: Kind<T>,
    before: T,
    decision: Decision<T, unknown>,
    now: number,
  ): boolean {
    const change = { kind, object: decision.next, expect: before.revision } as unknown as Change
    return this.commit([change, ...(decision.also ?? [])], now)
  }

  #write({ kind, object, expect, event }: Change, now: number): void {
    const before = this.find(object.id)
    if (before === null)
      assert(kind.initial.includes(object.phase), `${object.id} begins as ${object.phase}`)
    else {
      checkTransition(kind, before.phase, object.phase)
      const moved = before.phase !== object.phase
      assert(
        !moved || event !== undefined || expect !== null,
        `${object.id} moved without an event`,
      )
      if (isTerminal(kind, before.phase)) assert(!moved, `${object.id} left a final phase`)
    }
    const draft: Draft<StoredObject> = object
    const stored = {
      ...draft,
      revision: (expect ?? 0) + 1,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    }
    this.#entries.set(object.id, { kind, object: stored })
  }
}
