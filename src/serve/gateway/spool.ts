// The spool folder: segments that control picks up when it can. Each is written whole under a name that is used once.
import { mkdir, readdir, rename, stat, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sentenceOf } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'

/** What lies in the spool and was not picked up yet. */
export interface Backlog {
  readonly files: number
  readonly captureBytes: number
}

export interface Spool {
  /** False when it could not be written; the reason is logged once until it works again. */
  write(name: string, bytes: string | readonly Uint8Array[]): Promise<boolean>
  backlog(): Promise<Backlog>
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
    async backlog() {
      const names = await readdir(folder).catch(() => [])
      const captures = names.filter((name) => name.startsWith('capture'))
      const sizes = await Promise.all(
        captures.map((name) =>
          stat(join(folder, name)).then(
            (found) => found.size,
            () => 0,
          ),
        ),
      )
      return { files: names.length, captureBytes: sizes.reduce((sum, size) => sum + size, 0) }
    },
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
