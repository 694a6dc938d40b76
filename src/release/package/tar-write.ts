// A tar archive as a stream of bytes, made from entries whose sizes are known: it never stands in memory as a whole.
import { LockstepError } from '../../foundation/errors.ts'
import { blockSize, encodeHeader, padding, type TarEntry } from './tar-header.ts'

export interface TarSource extends TarEntry {
  open(): AsyncIterable<Uint8Array>
}

/** In the order given; two blocks of zeros end it. */
export async function* tarOf(entries: readonly TarSource[]): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    yield encodeHeader(entry)
    let seen = 0
    for await (const chunk of entry.open()) {
      seen += chunk.length
      if (seen > entry.size) break
      yield chunk
    }
    if (seen !== entry.size) throw changed(entry, seen)
    yield Buffer.alloc(padding(entry.size))
  }
  yield Buffer.alloc(2 * blockSize)
}

/** How long `tarOf` will be. */
export function tarSize(entries: readonly TarEntry[]): number {
  return entries.reduce(
    (sum, entry) => sum + encodeHeader(entry).length + entry.size + padding(entry.size),
    2 * blockSize,
  )
}

function changed(entry: TarEntry, seen: number): LockstepError {
  return new LockstepError({
    code: 'package.changed_while_read',
    kind: 'precondition',
    message: `${entry.name} has ${seen} bytes or more, ${entry.size} were expected: it is damaged or was changed meanwhile`,
    hint: 'check the disk, then try again',
  })
}
