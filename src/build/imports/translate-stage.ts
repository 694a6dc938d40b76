// One filled DVC stage as a step of Lockstep. Pure.
import { dirname } from 'node:path/posix'
import { isWithin } from '../artifacts/relative-path.ts'
import { type StagePaths, unique } from './dvc-fields.ts'
import type { Notes } from './dvc-notes.ts'
import type { FilledStage } from './dvc-stages.ts'
import { isList, pythonText } from './dvc-values.ts'
import type { ImportedStep, ProjectFiles } from './imported-project.ts'
import { undeclaredFiles } from './undeclared-files.ts'

export interface StageToTranslate {
  readonly stage: FilledStage
  readonly paths: StagePaths
  readonly name: string
  /** Outputs of every stage. */
  readonly made: readonly string[]
  readonly files: ProjectFiles
  readonly notes: Notes
}

/** Null, with a note, for a stage without a command. */
export function translateStage(request: StageToTranslate): ImportedStep | null {
  const { stage, name, notes } = request
  const about = `${stage.file}: stages.${stage.name}`
  const command = commandOf(stage)
  if (command === null) {
    notes.add('left_out', about, 'it has no command that is a text or a list of texts')
    return null
  }
  noteMeaning(stage, command, notes)
  const { inputs, params } = reading(request, command)
  const paths = { ...request.paths, inputs, params }
  const marker = `.done/${name}`
  const outputs = paths.outputs.length > 0 ? paths.outputs : [marker]
  if (paths.outputs.length === 0)
    notes.add(
      'changed',
      about,
      `it declares no outputs, so DVC runs it each time; here it writes ${marker} when done, and runs again when something it reads has changed`,
    )
  const full =
    paths.outputs.length > 0 ? command : `${command}\n${markerLine(marker, stage.folder)}`
  if (name !== stage.name) notes.add('translated', about, `it is the step ${name} here`)
  const description = stage.fields.get('desc')
  return {
    name,
    formerly: name === stage.name ? null : stage.name,
    description: typeof description === 'string' ? description : null,
    command: isPlain(full) ? { run: full } : { shell: full },
    folder: stage.folder,
    ...{ inputs: paths.inputs, params: paths.params, outputs, metrics: paths.metrics },
  }
}

/** DVC gives each entry of a list a shell of its own and stops at the first failure. */
function commandOf(stage: FilledStage): string | null {
  const cmd = stage.fields.get('cmd')
  if (typeof cmd === 'string') return cmd.trim() === '' ? null : cmd.trim()
  if (!isList(cmd) || cmd.length === 0) return null
  const lines = cmd.map((one) => pythonText(one).trim())
  if (lines.every(isPlain)) return lines.join(' &&\n')
  return lines.map((line) => `(\n${line}\n)`).join(' &&\n')
}

function markerLine(marker: string, folder: string): string {
  const up =
    folder === ''
      ? ''
      : `${folder
          .split('/')
          .map(() => '..')
          .join('/')}/`
  return `mkdir -p ${up}${dirname(marker)} && : > ${up}${marker}`
}

/** Words and nothing that a shell would read as its own. */
function isPlain(command: string): boolean {
  return /^[\w./:@%+,-][\w./:=@%+,-]*( +[\w./:=@%+,-]+)*$/.test(command) && !/^\w+=/.test(command)
}

function noteMeaning(stage: FilledStage, command: string, notes: Notes): void {
  const about = (field: string) => `${stage.file}: stages.${stage.name}.${field}`
  const flag = (field: string) => stage.fields.get(field) === true
  if (flag('frozen'))
    notes.add(
      'changed',
      about('frozen'),
      'DVC never runs a frozen stage and takes its outputs as they lie there; here it is a step like any other, which runs once and again only when what it reads changes. To keep the outputs as they are, delete the step: its files are then inputs',
    )
  if (flag('always_changed'))
    notes.add(
      'changed',
      about('always_changed'),
      'DVC runs it each time; here equal inputs mean equal results. If it fetches something that changes, run it with --force-step, or make what changes a parameter',
    )
  if (stage.templated)
    notes.add(
      'translated',
      about('cmd'),
      'the values of its templates are written out; where the command should follow a value, let the program read it from the parameter file',
    )
  if (isBash(command))
    notes.add(
      'to_do',
      about('cmd'),
      'the command uses what bash has and sh has not: DVC used the shell of whoever ran it, here it is /bin/sh. Put bash -c in front of it',
    )
}

function isBash(command: string): boolean {
  return /\[\[|<\(|\bsource\s|\bpipefail\b|\bfunction\s+\w+\s*\{|\$'|<<</.test(command)
}

function reading({ stage, paths, made, files, notes }: StageToTranslate, command: string) {
  const about = `${stage.file}: stages.${stage.name}.deps`
  const declared = unique(paths.params.map((one) => one.split(':')[0] ?? ''))
  const found = undeclaredFiles(
    {
      command,
      folder: stage.folder,
      inputs: paths.inputs,
      elsewhere: [...declared, ...paths.outputs],
      made: made.filter((one) => !paths.inputs.some((input) => isWithin(one, input))),
    },
    files,
  )
  for (const { path, because } of found)
    notes.add(
      'changed',
      about,
      `${path} is declared as an input: ${because}, though the stage did not declare it, so DVC missed its changes`,
    )
  return {
    inputs: unique([...paths.inputs, ...found.map((one) => one.path)]),
    params: paths.params,
  }
}
