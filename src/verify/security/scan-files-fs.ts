// An artifact on disk as the scan reads it: files in pages, folders listed without following links.
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
} from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../../foundation/errors.ts'
import type { ByteSource } from './byte-source.ts'
import { type ScanLimits, scanLimits } from './scan.ts'
import { type ArtifactFile, type OpenFile, scanArtifact } from './scan-artifact.ts'
import type { SecurityEvidence } from './security-finding.ts'

/** A file of the artifact by its own name, and where it lies: in the content store names say nothing. */
export interface NamedFile {
  readonly path: string
  readonly location: string
}

export interface FilesToScan {
  readonly files: readonly NamedFile[]
  readonly limits?: ScanLimits
}

/** Never throws for what the artifact is; reads only. A location that is a folder brings everything in it. */
export function scanFiles({ files: named, limits = scanLimits }: FilesToScan): SecurityEvidence {
  const files: ArtifactFile[] = []
  const sizes = new Map<string, number>()
  for (const { path, location } of named)
    list(location, path, { files, sizes, most: limits.members })
  files.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0))
  return scanArtifact({ files, sizes, limits })
}

interface Listed {
  readonly files: ArtifactFile[]
  readonly sizes: Map<string, number>
  readonly most: number
}

function list(path: string, name: string, into: Listed): void {
  if (into.files.length > into.most) return
  try {
    const stat = lstatSync(path)
    if (stat.isDirectory()) {
      for (const entry of readdirSync(path).sort())
        list(join(path, entry), name === '' ? entry : `${name}/${entry}`, into)
    } else if (stat.isSymbolicLink()) {
      into.files.push({ path: name, kind: 'link', target: readlinkSync(path) })
    } else if (stat.isFile()) {
      into.sizes.set(name, stat.size)
      into.files.push({ path: name, kind: 'file', open: () => openFile(path) })
    } else into.files.push({ path: name, kind: 'other' })
  } catch (error) {
    const because = `it cannot be read (${systemCodeOf(error) ?? 'unknown reason'})`
    into.files.push({ path: name, kind: 'unread', because })
  }
}

const pageBytes = 256 * 1024

/** Small reads come from one page in memory; larger ones go past it. */
function openFile(path: string): OpenFile {
  const file = openSync(path, 'r')
  const { size } = fstatSync(file)
  let page: Uint8Array = new Uint8Array(0)
  let pageAt = 0
  const readAt = (at: number, length: number) => {
    const bytes = new Uint8Array(Math.min(length, Math.max(0, size - at)))
    let filled = 0
    while (filled < bytes.length) {
      const got = readSync(file, bytes, filled, bytes.length - filled, at + filled)
      if (got === 0) break
      filled += got
    }
    return bytes.subarray(0, filled)
  }
  const read: ByteSource['read'] = (at, length) => {
    if (at < 0 || at >= size || length <= 0) return new Uint8Array(0)
    if (length >= pageBytes) return readAt(at, length)
    const wanted = Math.min(length, size - at)
    if (at < pageAt || at + wanted > pageAt + page.length) {
      page = readAt(at, pageBytes)
      pageAt = at
    }
    return page.subarray(at - pageAt, at - pageAt + wanted)
  }
  return { source: { size, read }, close: () => closeSync(file) }
}
