// Files that are either the old text or the new one, never half of each, also after kill -9 or a full disk.
import { randomBytes } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'

/** Writes beside the target, flushes to disk, renames over it. The folder is made when missing. */
export async function writeFileAtomically(
  path: string,
  bytes: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  await makeFolder(dirname(path))
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw error
  }
}
