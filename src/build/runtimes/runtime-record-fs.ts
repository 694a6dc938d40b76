// The record in each environment's folder, and what a person or the garbage collector does with the folders.
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import type { Clock } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { inParallel } from '../artifacts/in-parallel.ts'
import type { RuntimeFacts } from '../pipeline/step-runtime.ts'
import { forgetTurns, isTaken } from './install-turn-fs.ts'

export interface RuntimeRecord {
  readonly version: 1
  /** Where it was made; scripts in it name this place. */
  readonly folder: string
  readonly facts: RuntimeFacts
  /** ISO 8601, UTC. */
  readonly madeAt: string
  /** The lock names every package that was installed, each with one exact version: another day, the same packages. */
  readonly locked: boolean
  /** And the digest of every package's bytes. */
  readonly hashed: boolean
}

export interface StoredRuntime {
  readonly digest: Digest
  readonly folder: string
  /** Null while it is being installed, or when that was cut short. */
  readonly record: RuntimeRecord | null
  /** Milliseconds since the Unix epoch; of the folder itself while there is no record. */
  readonly usedAt: number
  readonly bytes: number
}

export function folderName(digest: Digest): string {
  return digest.slice('sha256:'.length)
}

export function recordPath(folder: string): string {
  return `${folder}/runtime.json`
}

export async function readRecord(folder: string): Promise<RuntimeRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPath(folder), 'utf8')) as RuntimeRecord
    return record.version === 1 ? record : undefined
  } catch {
    return undefined
  }
}

/** Was everything in it named by its lock? Undefined for an environment that is not there. */
export async function isLocked(root: string, digest: Digest): Promise<boolean | undefined> {
  return (await readRecord(`${root}/${folderName(digest)}`))?.locked
}

/** Every environment below `.lockstep/runtimes`, the one used last first. Counts files: not for every command. */
export async function listRuntimes(root: string): Promise<readonly StoredRuntime[]> {
  const names = await readdir(root).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return []
    throw error
  })
  const found = names
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map(async (name): Promise<StoredRuntime> => {
      const folder = `${root}/${name}`
      const record = (await readRecord(folder)) ?? null
      const { mtimeMs } = await stat(record ? recordPath(folder) : folder)
      return {
        digest: `sha256:${name}`,
        folder,
        record,
        usedAt: mtimeMs,
        bytes: await sizeOf(folder),
      }
    })
  return (await Promise.all(found)).sort((a, b) => b.usedAt - a.usedAt)
}

/** It is out of sight before the first file goes. Refused while a process installs it; who runs in it is the caller's to know. */
export async function removeRuntime(root: string, digest: Digest, clock: Clock): Promise<void> {
  const name = folderName(digest)
  if (await isTaken(root, name, clock)) {
    throw new LockstepError({
      code: 'runtime.busy',
      kind: 'conflict',
      message: `the environment ${digest} is being installed right now; it was left alone`,
      hint: 'try again when it is ready',
    })
  }
  const going = `${root}/${name}.going`
  await rm(going, { recursive: true, force: true, maxRetries: 2 })
  await rename(`${root}/${name}`, going).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'ENOENT') throw error
  })
  await rm(going, { recursive: true, force: true, maxRetries: 2 })
  await rm(`${root}/${name}.log`, { force: true })
  await forgetTurns(root, name)
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await inParallel(files, 16, (file) =>
    stat(`${file.parentPath}/${file.name}`).then(
      (found) => found.size,
      () => 0,
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
