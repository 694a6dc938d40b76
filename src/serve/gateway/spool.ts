// The spool folder: segments that control picks up when it can. Each is written whole under a name that is used once.
import { mkdir, rename, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sentenceOf } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'

export interface Spool {
  /** False when it could not be written; the reason is logged once until it works again. */
  write(name: string, bytes: string | readonly Uint8Array[]): Promise<boolean>
}

/** No fsync: what a power cut loses is a fifth of a second of counts, and the traffic must not wait for the disk. */
export function openSpool(folder: string, logger: Logger): Spool {
  let failing = false
  const write = async (name: string, bytes: string | readonly Uint8Array[]): Promise<void> => {
    await mkdir(folder, { recursive: true })
    const draft = join(folder, `.${name}.tmp`)
    try {
      await writeFile(draft, bytes)
      await rename(draft, join(folder, name))
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw error
    }
  }
  return {
    async write(name, bytes) {
      try {
        await write(name, bytes)
        if (failing) logger.info('spool can be written again', { folder })
        failing = false
        return true
      } catch (error) {
        if (!failing) {
          const reason = sentenceOf(error)
          logger.error('spool cannot be written; evidence is kept in memory', { folder, reason })
        }
        failing = true
        return false
      }
    },
  }
}
