// Brings one object out of the store into a folder, and proves it on the way.

import { chmod, constants, copyFile, link, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../foundation/digest.ts'
import { digestOf } from '../../foundation/digest.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import type { FileMode } from './artifact.ts'
import { digestBySize } from './digest-files-fs.ts'
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
  const { root, digest, how, target } = placement
  const size = await objectSize(root, digest)
  if (size === undefined) throw missingObject(root, digest)
  try {
    await makeFolder(dirname(target))
    if (how === 'copy' && size <= small) return await placeSmall(placement)
    const linked = how === 'hard_link' && (await linkIfPossible(objectPath(root, digest), target))
    if (!linked) await copyObject(placement)
  } catch (error) {
    throw storeUnwritable(error, target)
  }
  const observed = hexOf(await digestBySize(target, size))
  if (observed === digest.slice(7)) return
  await unlink(target)
  throw await corruptObject(root, digest, `its bytes have the digest sha256:${observed}`)
}

const small = 128 * 1024

/** One read proves the bytes and brings them: half the work of copying and reading the copy. */
async function placeSmall({ root, digest, mode, target }: Placement): Promise<void> {
  const bytes = await readFile(objectPath(root, digest))
  const observed = digestOf(bytes)
  if (observed !== digest) {
    throw await corruptObject(root, digest, `its bytes have the digest ${observed}`)
  }
  await writeFile(target, bytes, { flag: 'wx', mode: Number.parseInt(mode, 8) })
  await chmod(target, Number.parseInt(mode, 8))
}

async function copyObject({ root, digest, mode, target }: Placement): Promise<void> {
  const how = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL
  await copyFile(objectPath(root, digest), target, how)
  await chmod(target, Number.parseInt(mode, 8))
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex')
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
