// Language environments as garbage collection sees them: kept while a kept release was made in one, or while it was used lately.
import { readdir, rm, stat } from 'node:fs/promises'
import {
  listRuntimes,
  removeRuntime,
  type StoredRuntime,
} from '../../build/runtimes/runtime-record-fs.ts'
import type { Clock, Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isLockstepError, systemCodeOf } from '../../foundation/errors.ts'
import type { SortedLeftover } from './leftovers-fs.ts'

export interface RuntimeQuestion {
  /** `.lockstep/runtimes`. */
  readonly root: string
  /** Those that kept releases name. */
  readonly named: ReadonlySet<Digest>
  readonly waitMs: number
  readonly now: Instant
}

export interface IdleRuntime extends SortedLeftover {
  /** Null: what is left of one whose removal was cut short. */
  readonly digest: Digest | null
}

const dayMs = 86_400_000

export async function findIdleRuntimes(question: RuntimeQuestion): Promise<IdleRuntime[]> {
  const { root, named, waitMs, now } = question
  // One without a record is being installed, or that was cut short.
  const isIdle = ({ digest, record, usedAt }: StoredRuntime) =>
    !named.has(digest) && usedAt < now - (record ? waitMs : Math.max(waitMs, dayMs))
  const idle = (await listRuntimes(root))
    .filter(isIdle)
    .map(({ digest, folder, bytes, usedAt }) => ({
      ...{ digest, path: folder, size: bytes, mtimeMs: usedAt, sort: 'step environment' as const },
    }))
  return [...idle, ...(await halfRemoved(root))]
}

/** `mayGo` is asked before each one: an environment that a run has begun to use meanwhile stays. Those that went. */
export async function removeRuntimes(
  { root, clock }: { readonly root: string; readonly clock: Clock },
  idle: readonly IdleRuntime[],
  mayGo: () => Promise<boolean>,
): Promise<IdleRuntime[]> {
  const gone: IdleRuntime[] = []
  for (const one of idle) {
    if (!(await mayGo())) return gone
    if (one.digest === null) await rm(one.path, { recursive: true, force: true })
    else if (!(await isRemoved(root, one.digest, clock))) continue
    gone.push(one)
  }
  return gone
}

async function isRemoved(root: string, digest: Digest, clock: Clock): Promise<boolean> {
  try {
    await removeRuntime(root, digest, clock)
    return true
  } catch (error) {
    if (isLockstepError(error) && error.code === 'runtime.busy') return false
    throw error
  }
}

async function halfRemoved(root: string): Promise<IdleRuntime[]> {
  const names = await readdir(root).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  const found = names
    .filter((name) => /^[0-9a-f]{64}\.going$/.test(name))
    .map(async (name) => {
      const path = `${root}/${name}`
      const { mtimeMs } = await stat(path)
      return { digest: null, path, size: 0, mtimeMs, sort: 'step environment' as const }
    })
  return Promise.all(found)
}
