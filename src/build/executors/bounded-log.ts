// A step's log on disk, bounded: its beginning and its end are kept, what lies between is counted.
import { closeSync, openSync, writeSync } from 'node:fs'
import { storeUnwritable } from '../artifacts/file-errors.ts'

export interface BoundedLog {
  write(chunk: Uint8Array): void
  /** True while everything written so far is in the file. */
  isComplete(): boolean
  /** Writes the note and the end. Bytes left out are returned. */
  close(): number
}

/** Keeps the first and the last `keepBytes`. The beginning is on disk at once; the end waits in memory. */
export function openBoundedLog(path: string, keepBytes: number): BoundedLog {
  const file = orUnwritable(path, () => openSync(path, 'w'))
  let headLeft = keepBytes
  let tail: Buffer[] = []
  let tailBytes = 0
  let leftOut = 0
  const put = (bytes: Uint8Array) => orUnwritable(path, () => writeSync(file, bytes))

  return {
    isComplete: () => headLeft > 0,
    write: (chunk) => {
      const head = chunk.subarray(0, headLeft)
      headLeft -= head.length
      if (head.length > 0) put(head)
      const rest = chunk.subarray(head.length)
      if (rest.length === 0) return
      tail.push(Buffer.from(rest))
      tailBytes += rest.length
      // Cut down rarely, so that a flood of small chunks costs one copy per kept megabyte.
      if (tailBytes < 2 * keepBytes && tail.length < 4096) return
      const cut = lastBytes(tail, keepBytes)
      leftOut += tailBytes - cut.length
      tail = [cut]
      tailBytes = cut.length
    },
    close: () => {
      const cut = lastBytes(tail, keepBytes)
      leftOut += tailBytes - cut.length
      try {
        if (leftOut > 0) put(Buffer.from(`\n… ${leftOut} bytes left out …\n`))
        if (cut.length > 0) put(cut)
      } finally {
        closeSync(file)
      }
      return leftOut
    },
  }
}

function lastBytes(chunks: readonly Buffer[], count: number): Buffer {
  const whole = Buffer.concat(chunks)
  // A copy: a view would keep the whole buffer in memory.
  return Buffer.from(whole.subarray(Math.max(0, whole.length - count)))
}

function orUnwritable<Answer>(path: string, write: () => Answer): Answer {
  try {
    return write()
  } catch (error) {
    throw storeUnwritable(error, `the log ${path}`)
  }
}
