// Creating what people count: run 7, promotion 3. Two creators may read the same next number; the unique index lets one of them in.
import { isLockstepError } from '../foundation/errors.ts'
import type { Change, StoredObject } from './object.ts'
import type { ObjectStore } from './object-store.ts'

const attempts = 20

/** Commits what `create` makes of the next free number; whoever comes second takes the one after. */
export async function commitNumbered<T extends StoredObject>(
  store: ObjectStore,
  of: { readonly kindName: string; readonly model: string },
  create: (number: number) => Change<T>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const change = create(await store.nextNumber(of.kindName, of.model))
    try {
      return await store.commit({ changes: [change] })
    } catch (error) {
      const taken = isLockstepError(error) && error.code === 'store.revision_conflict'
      if (!taken || attempt === attempts || (await store.find(change.kind, change.object.id)))
        throw error
    }
  }
}
