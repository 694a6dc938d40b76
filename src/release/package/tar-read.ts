// Finds what a tar archive holds without believing it: plain files and folders with plain relative names, each once, nothing after the end.
import { normalisePath } from '../../build/artifacts/relative-path.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { blockSize, decodeHeader, decodePax, padding, type TarHeader } from './tar-header.ts'

export interface FoundEntry {
  readonly name: string
  readonly size: number
  readonly mode: '0644' | '0755'
  /** Where its bytes begin. */
  readonly offset: number
}

/** Random access: a file, or bytes in a test. Reads fewer bytes only at the end. */
export interface TarBytes {
  readonly size: number
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Both far beyond any release; a hostile archive must not make us count for ever. */
const mostEntries = 200_000
const longestPax = 64 << 10

/** Reads headers only. A refusal says what is wrong, as the second half of a sentence about the archive. */
export async function scanTar(archive: TarBytes): Promise<readonly FoundEntry[] | Refusal> {
  const found = new Map<string, FoundEntry>()
  let offset = 0
  let pax: { readonly path?: string; readonly size?: number } | undefined
  for (;;) {
    const header = await headerAt(archive, offset)
    if (isRefusal(header)) return header
    offset += blockSize
    if (header === null) {
      if (pax) return refuse('package.tar_damaged', 'pax records stand before its end')
      const refusal = await onlyZeros(archive, offset)
      return refusal ?? [...found.values()]
    }
    const size = pax?.size ?? header.size
    const next = offset + size + padding(size)
    if (next > archive.size)
      return refuse(
        'package.tar_truncated',
        `it is cut off: ${header.name} should have ${size} bytes, the file ends after ${Math.max(0, archive.size - offset)}`,
      )
    const stuffed = await zerosIn(archive, offset + size, next)
    if (stuffed) return stuffed
    if (header.type === 'x') {
      if (pax || size > longestPax)
        return refuse('package.tar_refused', 'its pax records are repeated or too long')
      const said = decodePax(await archive.read(offset, size))
      if (isRefusal(said)) return said
      pax = said
      offset = next
      continue
    }
    const entry = entryOf({ ...header, size, name: pax?.path ?? header.name }, offset)
    if (isRefusal(entry)) return entry
    if (entry) {
      if (found.has(entry.name))
        return refuse('package.tar_refused', `it holds ${entry.name} twice`)
      if (found.size >= mostEntries)
        return refuse('package.tar_refused', `it holds more than ${mostEntries} files`)
      found.set(entry.name, entry)
    }
    pax = undefined
    offset = next
  }
}

async function headerAt(archive: TarBytes, offset: number): Promise<TarHeader | null | Refusal> {
  const block = await archive.read(offset, blockSize)
  if (block.length < blockSize)
    return refuse(
      'package.tar_truncated',
      'it is cut off: the blocks that end an archive are missing',
    )
  return decodeHeader(block)
}

/** Undefined for a folder: files bring theirs. */
function entryOf(header: TarHeader, offset: number): FoundEntry | Refusal | undefined {
  const { name, type, size, mode } = header
  if (type !== '0' && type !== '5')
    return refuse(
      'package.tar_refused',
      `${JSON.stringify(name)} is ${kinds[type] ?? `an entry of type ${JSON.stringify(type)}`}; only plain files and folders are allowed`,
    )
  if (type === '5' && size !== 0)
    return refuse('package.tar_refused', `the folder ${JSON.stringify(name)} has bytes of its own`)
  const bare = name.replace(/^\.\//, '').replace(/\/$/, '')
  if (type === '5' && (bare === '' || bare === '.')) return undefined
  const path = normalisePath(bare)
  if (isRefusal(path) || path !== bare || (type === '0' && name.endsWith('/')))
    return refuse(
      'package.tar_refused',
      `the name ${JSON.stringify(name)} is not a plain relative path${isRefusal(path) ? ` (${path.because})` : ''}`,
    )
  if (type === '5') return undefined
  return { name: path, size, mode: mode & 0o100 ? '0755' : '0644', offset }
}

const kinds: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  g: 'a global pax header',
}

async function onlyZeros(archive: TarBytes, offset: number): Promise<Refusal | undefined> {
  if (archive.size - offset < blockSize)
    return refuse(
      'package.tar_truncated',
      'it is cut off: the second of the two ending blocks is missing',
    )
  return zerosIn(archive, offset, archive.size)
}

/** Padding must be zeros: nothing may hide there. */
async function zerosIn(archive: TarBytes, from: number, to: number): Promise<Refusal | undefined> {
  for (let at = from; at < to; at += 1 << 20) {
    const bytes = await archive.read(at, Math.min(1 << 20, to - at))
    if (!bytes.every((byte) => byte === 0))
      return refuse('package.tar_damaged', 'it has bytes between or after its files')
  }
  return undefined
}
