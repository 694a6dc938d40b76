// What a person types, as the digest it means: a digest or its beginning, a release, a file of the project, an output of a step.
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { normalisePath } from '../../build/artifacts/relative-path.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import { type Digest, digestOfFile, isDigest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { type Release, releaseKind, releaseName } from '../../release/release.ts'
import type { KeepingWorld } from './roots.ts'

export interface FoundObject {
  readonly digest: Digest
  /** `release 3 (quiet-otter)`, `data/train.csv`. */
  readonly name: string
}

export async function findObject(
  world: KeepingWorld,
  text: string,
  projectDir: string,
): Promise<FoundObject> {
  if (isDigest(text)) return { digest: text, name: text }
  const release = await findRelease(world, text)
  if (release) return { digest: release.manifestDigest, name: releaseName(release) }
  const file = await findFile(projectDir, text)
  if (file) return { digest: file, name: text }
  const output = await findOutput(world, text)
  if (output) return { digest: output, name: text }
  const hex = /^(?:sha256:)?([0-9a-f]{6,63})$/.exec(text)?.[1]
  if (hex) return { digest: await findByBeginning(world, hex), name: text }
  throw new LockstepError({
    code: 'keep.unknown_object',
    kind: 'not_found',
    message: `'${text}' is no digest, no release, no file of the project and no output of a step`,
    hint: 'write sha256:…, a release number, or a path such as models/model.onnx',
  })
}

/** `3`, `release:3`, `release 3`, `quiet-otter`, an id. */
export async function findRelease(
  { store }: Pick<KeepingWorld, 'store'>,
  text: string,
): Promise<Release | undefined> {
  const asked = text.replace(/^release[ :]/, '')
  const all: Release[] = await store.list(releaseKind, { limit: Number.MAX_SAFE_INTEGER })
  const found = all.find(
    (one) => String(one.number) === asked || one.alias === asked || one.id === asked,
  )
  if (found || asked === text) return found
  throw new LockstepError({
    code: 'keep.unknown_release',
    kind: 'not_found',
    message: `there is no release '${asked}'`,
    hint: 'lockstep releases',
  })
}

async function findFile(projectDir: string, text: string): Promise<Digest | undefined> {
  const path = normalisePath(text)
  if (isRefusal(path)) return undefined
  const stat = await lstat(join(projectDir, path)).catch(() => undefined)
  return stat?.isFile() ? digestOfFile(join(projectDir, path)) : undefined
}

/** The newest result that has an output there. */
async function findOutput({ db }: KeepingWorld, path: string): Promise<Digest | undefined> {
  const rows = await db
    .selectFrom('actions')
    .select('outputs')
    .where('outputs', 'like', `%${JSON.stringify(path).replaceAll(/[%_]/g, '_')}%`)
    .orderBy('recorded_at', 'desc')
    .execute()
  for (const row of rows) {
    const output = (JSON.parse(row.outputs) as StepOutput[]).find((one) => one.path === path)
    if (output) return output.digest
  }
  return undefined
}

async function findByBeginning({ shelf }: KeepingWorld, hex: string): Promise<Digest> {
  const found: Digest[] = []
  for await (const { digest } of shelf.list())
    if (digest.startsWith(`sha256:${hex}`)) found.push(digest)
  const [first, second] = found
  if (first && !second) return first
  throw new LockstepError({
    code: first ? 'keep.ambiguous_digest' : 'keep.unknown_object',
    kind: first ? 'invalid' : 'not_found',
    message: first
      ? `${found.length} objects begin with ${hex}: ${found.slice(0, 3).join(', ')}`
      : `no stored object begins with ${hex}`,
    hint: first ? 'write more of it' : 'lockstep releases shows the digests there are',
  })
}
