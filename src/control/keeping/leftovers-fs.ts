// What crashes and failures leave beside the objects: drafts, damaged objects moved aside, work folders and step logs. A work folder
// whose processes are known still belongs to someone.
import { existsSync } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import { type Leftover, listLeftovers } from '../../build/artifacts/stored-objects-fs.ts'
import type { Instant } from '../../foundation/clock.ts'
import { systemCodeOf } from '../../foundation/errors.ts'

export interface LeftoverQuestion {
  readonly objects: string
  readonly work: string
  readonly logs: string
  readonly now: Instant
  readonly waitMs: number
  /** Step logs are in the store as well; the files go when they are older. */
  readonly recentMs: number
}

export interface SortedLeftover extends Leftover {
  readonly sort:
    | 'draft'
    | 'damaged object'
    | 'work folder'
    | 'step log'
    | 'step environment'
    | 'package part'
    | 'interrupted download'
}

const dayMs = 86_400_000

export async function findLeftovers(question: LeftoverQuestion): Promise<SortedLeftover[]> {
  const { objects, work, logs, now, waitMs, recentMs } = question
  const stored = await listLeftovers(objects, now - dayMs)
  const damaged = `${objects}/corrupt/`
  return [
    ...stored
      .filter(({ path, mtimeMs }) => !path.startsWith(damaged) || mtimeMs < now - waitMs)
      .map((one) => ({
        ...one,
        sort: one.path.startsWith(damaged) ? ('damaged object' as const) : ('draft' as const),
      })),
    ...(await olderThan(work, now - Math.max(waitMs, dayMs)))
      .filter(({ path }) => !path.endsWith('.process.json') && !existsSync(`${path}.process.json`))
      .map((one) => ({ ...one, sort: 'work folder' as const })),
    ...(await olderThan(`${logs}/steps`, now - Math.max(recentMs, dayMs))).map((one) => ({
      ...one,
      sort: 'step log' as const,
    })),
  ]
}

export async function removeAll(leftovers: readonly SortedLeftover[]): Promise<void> {
  await inParallel(leftovers, 8, ({ path }) => rm(path, { recursive: true, force: true }))
}

async function olderThan(folder: string, before: Instant): Promise<Leftover[]> {
  const names = await readdir(folder).catch((error) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  const found = await inParallel(names, 16, async (name): Promise<Leftover | undefined> => {
    const path = `${folder}/${name}`
    const stat = await lstat(path).catch(() => undefined)
    if (!stat || stat.mtimeMs >= before) return undefined
    return { path, size: await bytesOf(path), mtimeMs: stat.mtimeMs }
  })
  return found.filter((one) => one !== undefined)
}

async function bytesOf(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined)
  if (!stat?.isDirectory()) return stat?.size ?? 0
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = await inParallel(entries, 16, async (entry) =>
    entry.isFile() ? (await lstat(`${entry.parentPath}/${entry.name}`)).size : 0,
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
