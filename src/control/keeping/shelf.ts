// The content store as garbage collection sees it: what lies there, what an object names, and removal that spares what came back into use.
import type { TreeEntry } from '../../build/artifacts/artifact.ts'
import type { StoredObject } from '../../build/artifacts/stored-objects-fs.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'

export interface Shelf {
  /** Every object; `mtimeMs` is when it was stored, or stored again. */
  list(): AsyncIterable<StoredObject>
  /** The object's text when it is there and may be JSON. */
  json(digest: Digest): Promise<string | undefined>
  /** Undefined when it is absent or no list of files; throws when the object is damaged. */
  tree(digest: Digest): Promise<readonly TreeEntry[] | undefined>
  bytes(digest: Digest): Promise<Buffer | undefined>
  /** Null when it is absent. */
  size(digest: Digest): Promise<number | null>
  has(digest: Digest): Promise<boolean>
  /** Makes the object look new, so that no collection under way removes it. False when it is absent. */
  touch(digest: Digest): Promise<boolean>
  /**
   * Sets them aside, asks whether that is still right, and removes those last touched before `before`. What was touched meanwhile goes
   * back; all of them do when the answer is no.
   */
  removeUntouched(
    digests: readonly Digest[],
    before: Instant,
    isRight: () => Promise<boolean>,
  ): Promise<Removal | 'put back'>
  /** Puts back what a killed collection had set aside and not yet removed. */
  restore(): Promise<void>
}

export interface Removal {
  readonly removed: number
  readonly bytes: number
  /** Touched meanwhile. */
  readonly spared: number
}
