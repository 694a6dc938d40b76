// The data folder, made and tried before anything starts in it: a full or read-only disk is one sentence, not a dead process.
import { lstat, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { storeUnwritable } from '../build/artifacts/file-errors.ts'
import { LockstepError } from '../foundation/errors.ts'
import type { DataFolder } from '../project/data-folder.ts'

/** A folder that exists says nothing about its disk: something is written, enough that its bytes need a place. */
const trialBytes = 16 * 1024

/** Throws `build.store_unwritable`. */
export async function makeDataFolder(folder: DataFolder): Promise<void> {
  const trial = join(folder.run, `trial-${process.pid}`)
  try {
    for (const dir of [
      folder.root,
      folder.run,
      folder.sockets,
      folder.work,
      folder.spool,
      folder.logs,
    ])
      await mkdir(dir, { recursive: true, mode: 0o700 })
    await checkPrivate(folder.sockets)
    try {
      await writeFile(trial, Buffer.alloc(trialBytes, 1))
    } finally {
      await rm(trial, { force: true })
    }
  } catch (error) {
    throw storeUnwritable(error, folder.root)
  }
}

/** Whoever may open a socket may command: in a shared temporary folder its folder must be ours and nobody else's. */
async function checkPrivate(sockets: string): Promise<void> {
  const found = await lstat(sockets)
  const isOurs =
    found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
  if (isOurs || process.getuid === undefined) return
  throw new LockstepError({
    code: 'main.sockets_not_private',
    kind: 'forbidden',
    message: `the folder ${sockets} for sockets is not this user's alone; nothing was started`,
    hint: `look at who made it, then remove it, or give yourself the only rights: chmod 700 ${sockets}`,
  })
}
