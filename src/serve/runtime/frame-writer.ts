// Frames of one turn of the event loop leave in one write: a system call costs more than copying small frames together.
import type { Socket } from 'node:net'

/** Beyond this, copying costs more than the vectored write. */
const copyUpTo = 64 * 1024

export function frameWriter(socket: Socket): (...parts: readonly Buffer[]) => void {
  let waiting: Buffer[] = []
  let bytes = 0
  const flush = (): void => {
    const parts = waiting
    const size = bytes
    waiting = []
    bytes = 0
    if (socket.destroyed) return
    if (size <= copyUpTo) socket.write(Buffer.concat(parts, size))
    else {
      socket.cork()
      for (const part of parts) socket.write(part)
      socket.uncork()
    }
  }
  return (...parts) => {
    if (waiting.length === 0) process.nextTick(flush)
    for (const part of parts) {
      waiting.push(part)
      bytes += part.length
    }
  }
}
