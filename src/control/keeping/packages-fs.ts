// The project's OCI layout as garbage collection sees it: its blobs are second names of stored objects, or were packed for a transfer
// and can be packed again. What the store no longer shares goes after the waiting period; so do downloads that were never finished.
import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, rm } from 'node:fs/promises'
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { indexText } from '../../release/package/layout-folder.ts'
import { type Descriptor, parseIndex } from '../../release/package/oci.ts'
import type { SortedLeftover } from './leftovers-fs.ts'
import { digestsIn } from './link.ts'

export interface PackageQuestion {
  /** `.lockstep/oci`. */
  readonly folder: string
  readonly objectAt: (digest: Digest) => string
  /** Objects that would go: their second names would go with them. */
  readonly due: ReadonlySet<Digest>
  readonly waitMs: number
  readonly now: Instant
}

const dayMs = 86_400_000
/** Younger than this it may belong to a transfer that ended a moment ago. */
const leastMs = 65_000

export async function findPackageLeftovers(question: PackageQuestion): Promise<SortedLeftover[]> {
  const { folder, now } = question
  const drafts = await filesIn(`${folder}/drafts`)
  const blobs = await filesIn(`${folder}/blobs/sha256`)
  const parts = await inParallel(blobs, 16, (file) => packagePart(question, file))
  return [
    ...drafts
      .filter(({ stat }) => stat.mtimeMs < now - dayMs)
      .map(({ path, stat }) => ({
        ...{ path, size: stat.size, mtimeMs: stat.mtimeMs, sort: 'interrupted download' as const },
      })),
    ...parts.filter((one) => one !== undefined),
  ]
}

interface FoundFile {
  readonly name: string
  readonly path: string
  readonly stat: Stats
}

async function packagePart(
  { objectAt, due, waitMs, now }: PackageQuestion,
  { name, path, stat }: FoundFile,
): Promise<SortedLeftover | undefined> {
  if (!/^[0-9a-f]{64}$/.test(name)) return undefined
  const digest: Digest = `sha256:${name}`
  const part = { path, mtimeMs: stat.mtimeMs, sort: 'package part' as const }
  const object = await lstat(objectAt(digest)).catch(() => undefined)
  // Its bytes are counted with the object.
  if (object?.ino === stat.ino) return due.has(digest) ? { ...part, size: 0 } : undefined
  return stat.mtimeMs < now - Math.max(waitMs, leastMs) ? { ...part, size: stat.size } : undefined
}

/** Forgets packages that are no longer whole: index.json never names what cannot be read. */
export async function tidyIndex(folder: string): Promise<void> {
  const path = `${folder}/index.json`
  const bytes = await readFile(path).catch(() => undefined)
  const listed = bytes ? parseIndex(bytes) : undefined
  if (!listed || isRefusal(listed)) return
  const blobs = new Set((await filesIn(`${folder}/blobs/sha256`)).map(({ name }) => name))
  const whole = await inParallel(listed, 8, (one) => isWhole(folder, blobs, one))
  const left = listed.filter((_, index) => whole[index])
  if (left.length === listed.length) return
  if (left.length === 0) await rm(path, { force: true })
  else await writeFileAtomically(path, indexText(left))
}

/** Every digest in a manifest that stands in a descriptor: config, layers, subject. */
async function isWhole(
  folder: string,
  blobs: ReadonlySet<string>,
  { digest }: Descriptor,
): Promise<boolean> {
  const text = await readFile(`${folder}/blobs/sha256/${digest.slice(7)}`, 'utf8').catch(() => '')
  const isThere = (one: Digest) => blobs.has(one.slice('sha256:'.length))
  try {
    return descriptorsIn(text).every(isThere)
  } catch {
    return false
  }
}

function descriptorsIn(text: string): Digest[] {
  const {
    config,
    layers = [],
    subject,
  } = JSON.parse(text) as {
    readonly config?: unknown
    readonly layers?: readonly unknown[]
    readonly subject?: unknown
  }
  return [config, subject, ...layers].flatMap((one) => {
    const digest = (one as { readonly digest?: unknown } | undefined)?.digest
    return typeof digest === 'string' ? digestsIn(digest) : []
  })
}

async function filesIn(folder: string): Promise<FoundFile[]> {
  const names = await readdir(folder).catch((error) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  const found = await inParallel(names, 16, async (name): Promise<FoundFile | undefined> => {
    const path = `${folder}/${name}`
    const stat = await lstat(path).catch(() => undefined)
    return stat?.isFile() ? { name, path, stat } : undefined
  })
  return found.filter((one) => one !== undefined)
}
