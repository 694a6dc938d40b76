// Brings one object out of the store into a folder, and proves it on the way.

import { chmod, constants, copyFile, link, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../foundation/digest.ts'
import { digestOfFile } from '../../foundation/digest.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import type { FileMode } from './artifact.ts'
import { storeUnwritable } from './file-errors.ts'
import { corruptObject, missingObject, objectPath, objectSize } from './object-files-fs.ts'

export type ObjectCopy = 'copy' | 'hard_link'

export interface Placement {
  readonly root: string
  readonly digest: Digest
  readonly mode: FileMode
  readonly target: string
  readonly how: ObjectCopy
}

/** Where links are impossible (another disk, too many links) a copy is made. The mode of a link is the object's. */
export async function placeObject(placement: Placement): Promise<void> {
  const { root, digest, mode, target, how } = placement
  if ((await objectSize(root, digest)) === undefined) throw missingObject(root, digest)
  try {
    await makeFolder(dirname(target))
    const linked = how === 'hard_link' && (await linkIfPossible(objectPath(root, digest), target))
    if (!linked) {
      await copyFile(
        objectPath(root, digest),
        target,
        constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL,
      )
      await chmod(target, Number.parseInt(mode, 8))
    }
  } catch (error) {
    throw storeUnwritable(error, target)
  }
  const observed = await digestOfFile(target)
  if (observed === digest) return
  await unlink(target)
  throw await corruptObject(root, digest, `its bytes have the digest ${observed}`)
}

async function linkIfPossible(object: string, target: string): Promise<boolean> {
  try {
    await link(object, target)
    return true
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'EXDEV' || code === 'EMLINK' || code === 'EPERM' || code === 'ENOTSUP')
      return false
    throw error
  }
}
