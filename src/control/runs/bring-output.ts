// What a step made, brought out of the content store to where a person wants it: whole or not at all, and proved on the way.
import { lstat, rename, rm } from 'node:fs/promises'
import { isAbsolute, relative } from 'node:path'
import type { Artifact } from '../../build/artifacts/artifact.ts'
import { rememberFiles } from '../../build/artifacts/remember-files.ts'
import { didYouMean } from '../../build/pipeline/nearest-name.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { type Run, runKind } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface BringRequest {
  /** As declared: `model.onnx`. */
  readonly path: string
  /** Null: the newest run that has it. */
  readonly run: Run | null
  readonly model: string
  /** Absolute. */
  readonly to: string
  readonly replace: 'refuse' | 'replace'
  readonly projectDir: string
}

export interface BroughtOutput {
  readonly artifact: Artifact
  readonly run: Run
  readonly step: string
}

export async function bringOutput(world: RunWorld, request: BringRequest): Promise<BroughtOutput> {
  const { to, replace } = request
  const found = await findOutput(world, request)
  if (replace === 'refuse' && (await exists(to))) throw inTheWay(request)
  const draft = `${to}.${newId('attempt', world.clock.now())}`
  try {
    await world.content.materialise(found.artifact, draft)
    if (replace === 'replace') await rm(to, { recursive: true, force: true })
    await rename(draft, to)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  await remember(world, request, found.artifact)
  return found
}

async function findOutput(
  world: RunWorld,
  { path, run, model }: BringRequest,
): Promise<BroughtOutput> {
  const runs: Run[] = run ? [run] : await world.store.list<Run>(runKind, { model })
  for (const one of runs) {
    for (const step of one.steps) {
      const made = step.outputs.find((output) => output.path === path)
      if (made === undefined || step.key === null) continue
      const known = (await world.actions.find(step.key))?.outputs
      const output = known?.find((seen) => seen.path === path && seen.digest === made.digest)
      const artifact: Artifact = output ?? { kind: 'file', mode: '0644', ...made }
      return { artifact, run: one, step: step.name }
    }
  }
  const outputs = new Set(runs.flatMap(({ steps }) => steps.flatMap((step) => step.outputs)))
  throw new LockstepError({
    code: 'run.no_such_output',
    kind: 'not_found',
    message: `no step of ${run ? `run ${run.number}` : 'any run'} made ${path}${didYouMean(
      path,
      [...outputs].map((output) => output.path),
    )}`,
    hint: 'see what each step makes: lockstep graph',
  })
}

/** A file in the project may be an input one day: it will not be read again to be known. */
async function remember(
  world: RunWorld,
  { to, projectDir }: BringRequest,
  artifact: Artifact,
): Promise<void> {
  const place = relative(projectDir, to)
  if (place.startsWith('..') || isAbsolute(place)) return
  const { index, clock, content } = world
  const files =
    artifact.kind === 'file'
      ? [{ path: place, digest: artifact.digest }]
      : (await content.readTree(artifact.digest)).map(({ path, digest }) => ({
          path: `${place}/${path}`,
          digest,
        }))
  await rememberFiles({ root: projectDir, files, index, now: clock.now() })
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return false
    throw error
  }
}

function inTheWay({ to, path }: BringRequest): LockstepError {
  return new LockstepError({
    code: 'run.output_in_the_way',
    kind: 'conflict',
    message: `${to} exists already; ${path} was not brought there`,
    hint: 'choose another place with -o, or replace it with --force',
  })
}
