// The file index as one file per project. It is read in one piece and replaced in one piece: a reader sees the old index or the new,
// the last of several writers wins, and a file that is damaged or of another version counts as none.
import { createHash, randomBytes } from 'node:crypto'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../foundation/make-folder.ts'
import { storeUnwritable } from './file-errors.ts'
import { changedIndex, type FileIndexPort, type IndexContent } from './file-index.ts'
import { indexParts, readIndex } from './file-index-format.ts'

/** What one buffer holds; an index of ten million files is smaller. */
const largest = 2 ** 31 - 1
const writeBytes = 4 * 1024 * 1024

export function openFileIndex(path: string): FileIndexPort {
  const load = () => readIndexFile(path)
  return {
    load,
    async save(change) {
      // Another process may have saved other folders meanwhile: what it learned is kept.
      await writeIndexFile(path, changedIndex(await load(), change)).catch((error) => {
        throw storeUnwritable(error, `the file index ${path}`)
      })
    },
  }
}

async function readIndexFile(path: string): Promise<IndexContent> {
  const none: IndexContent = { blocks: new Map(), memos: new Map() }
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return none
  try {
    const { size } = await file.stat()
    if (size > largest) return none
    const bytes = Buffer.allocUnsafeSlow(size)
    let filled = 0
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled)
      if (bytesRead === 0) return none
      filled += bytesRead
    }
    return readIndex(bytes) ?? none
  } catch {
    return none
  } finally {
    await file.close()
  }
}

/** Not flushed to the disk: after a power cut the checksum tells, and the files are read once more. */
async function writeIndexFile(path: string, content: IndexContent): Promise<void> {
  await makeFolder(dirname(path))
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(draft, 'wx')
    try {
      const checksum = createHash('sha256')
      let waiting: Uint8Array[] = []
      let bytes = 0
      const write = async () => {
        if (waiting.length > 0) await file.writeFile(Buffer.concat(waiting, bytes))
        waiting = []
        bytes = 0
      }
      for (const part of indexParts(content)) {
        checksum.update(part)
        waiting.push(part)
        bytes += part.length
        if (bytes >= writeBytes) await write()
      }
      waiting.push(checksum.digest())
      bytes += 32
      await write()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await unlink(draft).catch(() => {})
    throw error
  }
}
