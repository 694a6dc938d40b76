// Reads a project folder: lockstep.yaml and the parameter files its steps declare. The only reader of config files.
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Digest, digestOf } from '../foundation/digest.ts'
import { LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import { parseParameters } from './parameter-files.ts'
import { type LookFurther, parseProject } from './parse-project.ts'
import { didYouMean, renderProblems } from './problems.ts'
import type { ProjectSpec } from './project-spec.ts'

export interface LoadedProject {
  readonly dir: string
  readonly file: string
  readonly digest: Digest
  readonly spec: ProjectSpec
}

export const projectFileName = 'lockstep.yaml'

/** Throws `project.missing` or `project.invalid`; the latter lists every problem with its place. */
export async function loadProject(
  dir: string,
  lookFurther: LookFurther = () => [],
): Promise<LoadedProject> {
  const file = join(resolve(dir), projectFileName)
  const text = await readText(file)
  const { spec, problems } = parseProject(text, lookFurther)
  if (spec) return { dir: dirname(file), file, digest: digestOf(text), spec }
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  throw new LockstepError({
    code: 'project.invalid',
    kind: 'invalid',
    message: `${count} in ${projectFileName}; nothing was started\n\n${renderProblems(projectFileName, text, problems)}`,
    details: { file, problems },
  })
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const missing = systemCodeOf(error) === 'ENOENT'
    throw new LockstepError({
      code: missing ? 'project.missing' : 'project.unreadable',
      kind: 'invalid',
      message: missing
        ? `there is no ${projectFileName} in ${dirname(file)}`
        : `${file} cannot be read: ${sentenceOf(error)}`,
      hint: missing
        ? 'change into a project folder, give one with --project, or start one: lockstep init'
        : 'check its permissions',
      cause: error,
    })
  }
}

/** The parsed parameter files that steps declare, by project-relative path. Throws `project.params_unreadable`. */
export async function loadParameters(
  project: LoadedProject,
): Promise<ReadonlyMap<string, unknown>> {
  const files = new Set(
    project.spec.steps.flatMap((step) => step.params.map((param) => param.file)),
  )
  const loaded = new Map<string, unknown>()
  // One after the other: of several broken files the one declared first is always the one that is named.
  for (const file of files) loaded.set(file, await readParameters(project.dir, file))
  return loaded
}

async function readParameters(dir: string, file: string): Promise<unknown> {
  try {
    return parseParameters(file, await readFile(join(dir, file), 'utf8'))
  } catch (error) {
    const code = systemCodeOf(error)
    const why =
      code === 'ENOENT'
        ? `it does not exist${await meantBeside(dir, file)}`
        : code === 'EISDIR'
          ? 'it is a folder'
          : sentenceOf(error).split('\n')[0]?.replace(/:$/, '')
    throw new LockstepError({
      code: 'project.params_unreadable',
      kind: 'invalid',
      message: `the parameter file ${file} cannot be read: ${why}`,
      hint: 'a step declares it under params; correct the path there or the file itself',
      cause: error,
    })
  }
}

async function meantBeside(dir: string, file: string): Promise<string> {
  const names = await readdir(join(dir, dirname(file))).catch(() => [])
  const meant = didYouMean(basename(file), names)
  return meant === undefined ? '' : `; did you mean ${join(dirname(file), meant)}?`
}
