// The clean place of a rebuild: the project's files brought out of the store, the recorded steps and parameters, nothing else.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ParameterFiles } from '../../build/pipeline/parameters.ts'
import { digestOfJson } from '../../foundation/digest.ts'
import { isLockstepError, LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { type Refusal, refuse } from '../../foundation/refusal.ts'
import { loadProject } from '../../project/load-project.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { checkProblems } from '../../verify/gates/language/check-problems.ts'
import type { RunWorld } from '../runs/run-world.ts'

export interface RebuildPlace {
  readonly root: string
  /** The project's files as they were sealed. */
  readonly projectDir: string
  readonly spec: ProjectSpec
  /** As recorded, whatever lockstep.yaml would mean to this version. */
  readonly steps: readonly StepSpec[]
  readonly params: ParameterFiles
  remove(): Promise<void>
}

/** Refuses with `input-missing` when the record names something that is no longer stored. */
export async function openRebuildPlace(
  world: RunWorld,
  manifest: ReleaseManifest,
): Promise<RebuildPlace | Refusal> {
  const { tree } = manifest.code
  if (tree === null) throw codeUnrecorded(manifest)
  const root = join(world.folder.work, newId('rebuild', world.clock.now()))
  const remove = () => rm(root, { recursive: true, force: true, maxRetries: 2 })
  const projectDir = join(root, 'project')
  try {
    await makeFolder(root)
    await world.content.materialise({ kind: 'tree', digest: tree }, projectDir)
    const { spec } = await loadProject(projectDir, checkProblems)
    const steps = await recordedSteps(world, manifest, spec)
    return { root, projectDir, spec, steps, params: recordedParameters(manifest), remove }
  } catch (error) {
    await remove()
    if (!isLockstepError(error) || !gone.includes(error.code)) throw error
    return refuse(
      'input-missing',
      `what it was made from is not complete any more: ${sentenceOf(error)}`,
    )
  }
}

const gone = ['build.object_missing', 'build.object_corrupt']

async function recordedSteps(
  world: RunWorld,
  { pipeline }: ReleaseManifest,
  spec: ProjectSpec,
): Promise<readonly StepSpec[]> {
  // Equal digests mean equal steps: the definition then need not be read, or even be there.
  if (digestOfJson(spec.steps) === pipeline.definition) return spec.steps
  const text = (await world.content.read(pipeline.definition)).toString('utf8')
  return JSON.parse(text) as readonly StepSpec[]
}

/** Parameters by file, from `params.yaml:train.C` and its value. */
function recordedParameters({ parameters }: ReleaseManifest): ParameterFiles {
  const files = new Map<string, unknown>()
  const longestLast = Object.entries(parameters).sort(([a], [b]) => a.length - b.length)
  for (const [name, value] of longestLast) {
    const cut = name.lastIndexOf(':')
    const [file, key] = [name.slice(0, cut), name.slice(cut + 1)]
    files.set(file, withValue(files.get(file), key === '' ? [] : key.split('.'), value))
  }
  return files
}

function withValue(whole: unknown, names: readonly string[], value: unknown): unknown {
  const [name, ...rest] = names
  if (name === undefined) return value
  const members = typeof whole === 'object' && whole !== null ? Object.entries(whole) : []
  const known = new Map<string, unknown>(members)
  known.set(name, withValue(known.get(name), rest, value))
  return Object.fromEntries(known)
}

function codeUnrecorded(manifest: ReleaseManifest): LockstepError {
  const commit = manifest.code.commit
  return new LockstepError({
    code: 'rebuild.code_unrecorded',
    kind: 'precondition',
    message: `this release was sealed by Lockstep ${manifest.environment.lockstep}, which did not keep the project's files with it, so there is nothing to rebuild it from`,
    hint:
      commit === null
        ? 'releases made from now on keep them: lockstep run'
        : `check out commit ${commit.slice(0, 10)} elsewhere and compare by hand, or make a new release: lockstep run`,
  })
}
