// The folder in which one attempt runs: only what was declared goes in, only what was declared comes out.

import { constants, copyFile, lstat, readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { notAPlainFile, storeUnwritable } from '../artifacts/file-errors.ts'
import { sameStat } from '../artifacts/file-stat.ts'
import { inParallel } from '../artifacts/in-parallel.ts'
import { statFile } from '../artifacts/stat-file-fs.ts'
import type { NeededRun } from './judge-step.ts'
import { didYouMean } from './nearest-name.ts'
import { filteredFiles } from './parameters.ts'
import type { PreparedPipeline } from './pipeline-request.ts'
import type { InputFile } from './step-inputs.ts'
import type { StepOutput } from './step-run.ts'

/** A parameter file that is an input as well arrives whole, as the input it was declared to be. */
export async function fillWorkFolder(
  prepared: PreparedPipeline,
  needed: NeededRun,
  workDir: string,
): Promise<void> {
  try {
    await makeFolder(workDir)
    const files = needed.inputs.files()
    await placeInputs(prepared, files, workDir)
    const whole = new Set(files.map((file) => file.path))
    for (const [path, text] of filteredFiles(needed.parameters)) {
      if (whole.has(path)) continue
      await makeFolder(dirname(`${workDir}/${path}`))
      await writeFile(`${workDir}/${path}`, text)
    }
    for (const path of needed.document.outputs) {
      await makeFolder(dirname(`${workDir}/${path}`))
    }
  } catch (error) {
    await removeWorkFolder(workDir).catch(() => {})
    throw storeUnwritable(error, `the work folder ${workDir}`)
  }
}

/** @throws LockstepError with kind `invalid` when a declared output is absent or is not a plain file or folder. */
export async function collectOutputs(
  prepared: PreparedPipeline,
  needed: NeededRun,
  workDir: string,
): Promise<StepOutput[]> {
  const { store } = prepared.request
  const inside = await realpath(workDir).catch((error) => {
    throw systemCodeOf(error) === 'ENOENT' ? workFolderGone(needed) : error
  })
  return inParallel(needed.document.outputs, 4, async (path): Promise<StepOutput> => {
    const place = `${workDir}/${path}`
    const stat = await lstat(place).catch((error) => {
      const code = systemCodeOf(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw error
    })
    if (stat === undefined) throw await outputMissing(needed, path, workDir)
    if (stat.isSymbolicLink()) throw notAPlainFile(`its output ${path}`, 'link')
    if ((await realpath(dirname(place))) !== dirname(`${inside}/${path}`)) {
      throw notAPlainFile(`the folder of its output ${path}`, 'link')
    }
    if (stat.isFile()) return { path, ...(await store.putFile(place, 'lazy')) }
    if (!stat.isDirectory()) throw notAPlainFile(`its output ${path}`, 'special')
    const tree = await store.putTree(place)
    if (tree.files === 0) throw outputEmpty(needed, path)
    return { path, ...tree }
  })
}

export async function removeWorkFolder(workDir: string): Promise<void> {
  await rm(workDir, { recursive: true, force: true, maxRetries: 2 })
}

/** Copied, never linked: a step that writes into its input must not reach the project or the store. */
async function placeInputs(
  prepared: PreparedPipeline,
  files: readonly InputFile[],
  workDir: string,
): Promise<void> {
  const folders = new Set(files.map((file) => dirname(`${workDir}/${file.path}`)))
  for (const folder of [...folders].sort()) await makeFolder(folder)
  await inParallel(files, 8, (file) => placeInput(prepared, file, `${workDir}/${file.path}`))
}

async function placeInput(
  prepared: PreparedPipeline,
  file: InputFile,
  target: string,
): Promise<void> {
  const { request, snapshot } = prepared
  if (file.from === 'store') {
    await request.store.materialise({ ...file, kind: 'file' }, target)
    return
  }
  await copyFile(`${request.projectDir}/${file.path}`, target, constants.COPYFILE_FICLONE)
  const stamp = snapshot.stampOf(file.path)
  if (stamp !== undefined && sameStat(stamp, statFile(request.projectDir, file.path))) return
  throw new LockstepError({
    code: 'step.input_changed',
    kind: 'conflict',
    message: `${file.path} changed after the run began; its step was not started with bytes of unknown digest`,
    hint: 'Run again; the new content is then used.',
    details: { path: file.path },
  })
}

async function outputMissing(
  needed: NeededRun,
  path: string,
  workDir: string,
): Promise<LockstepError> {
  const inputs = new Set(needed.inputs.files().map((file) => file.path))
  const written = (await readdir(workDir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(workDir.length + 1))
    .filter((file) => !inputs.has(file) && !needed.parameters.some((one) => one.file === file))
  const shown = written.slice(0, 5).join(', ')
  return new LockstepError({
    code: 'step.output_missing',
    kind: 'invalid',
    message: `step ${needed.document.step} ended well but did not write its output ${path}${didYouMean(path, written)} (new files: ${shown === '' ? 'none' : shown})`,
    hint: `Write ${path} relative to the working folder, or correct outputs in lockstep.yaml.`,
    details: { step: needed.document.step, path, written: written.slice(0, 50) },
  })
}

function workFolderGone(needed: NeededRun): LockstepError {
  const { step } = needed.document
  return new LockstepError({
    code: 'step.work_folder_gone',
    kind: 'invalid',
    message: `step ${step} ended well but removed its working folder, and every output with it`,
    hint: 'Let the step remove only what it made itself.',
    details: { step },
  })
}

function outputEmpty(needed: NeededRun, path: string): LockstepError {
  return new LockstepError({
    code: 'step.output_empty',
    kind: 'invalid',
    message: `step ${needed.document.step} ended well but its output folder ${path} holds no file`,
    hint: 'Write at least one file, or remove the output from lockstep.yaml.',
    details: { step: needed.document.step, path },
  })
}
