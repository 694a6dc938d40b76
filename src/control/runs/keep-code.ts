// What a release was made from goes into the content store when it is sealed: every project file that steps, datasets and
// checks read, lockstep.yaml, parameter files and locks as one tree, and the definitions that were in force.
import { lstat, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { encodeTree, type TreeEntry } from '../../build/artifacts/artifact.ts'
import { inParallel } from '../../build/artifacts/in-parallel.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import { type Digest, shortDigest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { parseParameters } from '../../project/parameter-files.ts'
import { gateDefinition, type ResolvedInputs } from './resolve-inputs.ts'
import type { RunWorld } from './run-world.ts'

export interface KeptCode {
  readonly tree: Digest
  readonly pipeline: Digest
  readonly gates: Digest
}

/** Throws `run.file_changed` when a file is no longer what the run saw: the release would name bytes that nobody has. */
export async function keepCode(world: RunWorld, inputs: ResolvedInputs): Promise<KeptCode> {
  const { spec } = inputs.project
  const entries = new Map<string, TreeEntry>()
  const seen = new Map<string, TreeEntry>()
  for (const input of inputs.snapshot.inputs.values())
    for (const entry of input.entries()) seen.set(entry.path, entry)
  const kept = await inParallel([...seen.values()], 8, (entry) => keepFile(world, inputs, entry))
  for (const entry of kept) entries.set(entry.path, entry)
  for (const entry of await keepConfiguration(world, inputs)) entries.set(entry.path, entry)
  return {
    tree: await world.content.putBytes(encodeTree([...entries.values()])),
    pipeline: await world.content.putBytes(canonicalJson(spec.steps)),
    gates: await world.content.putBytes(canonicalJson(gateDefinition(spec))),
  }
}

/** What the store holds already is not read again; what it lacks is copied in, sharing blocks where the disk can. */
async function keepFile(
  { content }: RunWorld,
  { project }: ResolvedInputs,
  entry: TreeEntry,
): Promise<TreeEntry> {
  const { path, digest } = entry
  if (await content.holds({ kind: 'file', ...entry })) {
    await content.flush([{ kind: 'file', digest }])
    return entry
  }
  const put = await content.putFile(join(project.dir, path))
  if (put.digest !== digest) throw changed(path, digest, put.digest)
  return entry
}

/** Files that Lockstep itself reads: they are small, and steps need not name them as inputs. */
async function keepConfiguration(
  world: RunWorld,
  { project, parameters }: ResolvedInputs,
): Promise<readonly TreeEntry[]> {
  const { dir, file, digest, spec } = project
  const entries = [await putSmall(world, dir, basename(file))]
  const [declared] = entries
  if (declared && declared.digest !== digest) throw changed(declared.path, digest, declared.digest)
  for (const [path, value] of parameters) {
    const entry = await putSmall(world, dir, path)
    const now = parseParameters(path, await readFile(world.content.pathOf(entry.digest), 'utf8'))
    if (canonicalJson(now ?? null) !== canonicalJson(value ?? null))
      throw changed(path, null, entry.digest)
    entries.push(entry)
  }
  const locks = new Set(spec.steps.flatMap(({ runtime }) => (runtime ? [runtime.lock] : [])))
  for (const path of locks) entries.push(await putSmall(world, dir, path))
  return entries
}

async function putSmall({ content }: RunWorld, dir: string, path: string): Promise<TreeEntry> {
  const { digest, size } = await content.putFile(join(dir, path))
  const { mode } = await lstat(join(dir, path))
  return { path, digest, size, mode: mode & 0o100 ? '0755' : '0644' }
}

function changed(path: string, expected: Digest | null, found: Digest): LockstepError {
  const was = expected === null ? 'other values' : `the digest ${shortDigest(expected)}`
  return new LockstepError({
    code: 'run.file_changed',
    kind: 'conflict',
    message: `${path} changed while the run was under way: it began with ${was}, now it has the digest ${shortDigest(found)}; no release was sealed`,
    hint: 'run again: steps whose inputs did not change are not repeated',
    details: { path, expected, found },
  })
}
