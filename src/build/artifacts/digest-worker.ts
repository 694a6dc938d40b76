// Worker thread: digests large files, one after the other, so that several are digested on several cores.
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

/** Larger pieces leave the processor's cache between the read and the hash. */
const pieceBytes = 256 * 1024

const piece = Buffer.allocUnsafeSlow(pieceBytes)
parentPort?.on('message', (path: string) => parentPort?.postMessage(digest(path)))

function digest(path: string): { readonly hex: string } | { readonly error: unknown } {
  try {
    const file = openSync(path, 'r')
    try {
      const hash = createHash('sha256')
      for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
        hash.update(read === pieceBytes ? piece : piece.subarray(0, read))
      }
      return { hex: hash.digest('hex') }
    } finally {
      closeSync(file)
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { error: { code, message } }
  }
}
