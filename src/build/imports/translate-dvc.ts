// A whole DVC project as a Lockstep project: every dvc.yaml, dvc.lock and .dvc file, with a note for each thing met. Pure.
import { dirname } from 'node:path/posix'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { readLock } from '../runtimes/lock-file.ts'
import { chooseModel } from './choose-model.ts'
import { pathsOf, unique } from './dvc-fields.ts'
import { collectNotes, type ImportNote, type Notes } from './dvc-notes.ts'
import { joined, nameFrom, unused } from './dvc-paths.ts'
import { type FilledStage, fillStages } from './dvc-stages.ts'
import {
  type DvcMap,
  type DvcValue,
  isList,
  isMap,
  parseDvcFile,
  pythonText,
} from './dvc-values.ts'
import { defaultVariables, withVariables } from './dvc-variables.ts'
import type { ImportedProject, ProjectFiles } from './imported-project.ts'
import { trackedData } from './tracked-data.ts'
import { translateStage } from './translate-stage.ts'

export interface DvcImport {
  readonly project: ImportedProject
  readonly notes: readonly ImportNote[]
}

/** Refuses only when there is nothing to import; single stages that cannot be read become notes. */
export function translateDvc(folderName: string, files: ProjectFiles): DvcImport | Refusal {
  const notes = collectNotes()
  const pipelines = files.paths.filter((path) => path === 'dvc.yaml' || path.endsWith('/dvc.yaml'))
  if (pipelines.length === 0)
    return refuse('import.no_dvc', 'there is no dvc.yaml in it or below it')
  const documents = pipelines.flatMap((path): (readonly [string, DvcMap])[] => {
    const document = parseDvcFile(path, files.read(path) ?? '')
    if (!isRefusal(document)) return [[path, document]]
    notes.add('left_out', path, document.because)
    return []
  })
  const stages = documents.flatMap(([path, document]) => stagesOf(path, document, files, notes))
  if (stages.length === 0) {
    const [first] = notes.all
    return refuse(
      'import.no_stages',
      `no stage in it can be read${first ? ` (${first.about}: ${first.sentence})` : ''}`,
    )
  }
  compareWithLock(stages, files, notes)
  const datasets = trackedData(files, notes)
  const taken = new Set<string>()
  const made = stages.map((stage) => ({ stage, paths: pathsOf(stage, notes) }))
  const outputs = unique(made.flatMap(({ paths }) => paths.outputs))
  const steps = made.flatMap(({ stage, paths }) => {
    const name = unused(nameFrom(stage.name, 'step'), taken)
    return translateStage({ stage, paths, name, made: outputs, files, notes }) ?? []
  })
  if (steps.length === 0) return refuse('import.no_stages', 'no stage in it has a command')
  const lock = pythonLock(files, notes)
  const choice = chooseModel({ steps, datasets, files, artifacts: artifactsOf(documents), notes })
  noteEnvironment(notes)
  return {
    project: {
      name: nameFrom(folderName, 'project'),
      datasets,
      steps,
      pythonLock: lock,
      ...choice,
    },
    notes: notes.all,
  }
}

const topLevel: Readonly<Record<string, string>> = {
  params: 'DVC shows these files in its tables; what a step reads is declared at the step',
  metrics: 'metrics are declared at the steps that write them',
  plots: 'how plots are drawn is not kept; the model card draws its own',
  datasets:
    'versioned datasets of other tools have no counterpart: bring the files into the project and declare them under data',
}

function stagesOf(
  path: string,
  document: DvcMap,
  files: ProjectFiles,
  notes: Notes,
): FilledStage[] {
  const folder = dirname(path) === '.' ? '' : dirname(path)
  for (const key of document.keys()) {
    if (key === 'stages' || key === 'vars' || key === 'artifacts') continue
    const sentence = topLevel[key] ?? 'DVC documents no such section; nothing was made of it'
    notes.add('left_out', `${path}: ${key}`, sentence)
  }
  const stages = document.get('stages') ?? new Map()
  const vars = document.get('vars') ?? []
  if (!isMap(stages) || !isList(vars)) {
    notes.add('left_out', path, 'its stages are no map, or its vars no list')
    return []
  }
  const read = (file: string) => files.read(file)
  const base = defaultVariables(folder, read)
  const variables = isRefusal(base) ? base : withVariables({ vars, folder, read, base })
  if (isRefusal(variables)) notes.add('left_out', `${path}: vars`, variables.because)
  return fillStages(stages, {
    ...{ file: path, folder, read, notes },
    variables: isRefusal(variables) ? new Map() : variables,
  })
}

/** A lock that tells of another command means DVC would run the stage again: its outputs there are not those of today's dvc.yaml. */
function compareWithLock(stages: readonly FilledStage[], files: ProjectFiles, notes: Notes): void {
  for (const file of unique(stages.map((stage) => stage.file))) {
    const path = file.replace(/dvc\.yaml$/, 'dvc.lock')
    const text = files.read(path)
    if (text === undefined) {
      notes.add(
        'translated',
        path,
        'there is none: DVC has not run this pipeline here, so there is nothing to compare with',
      )
      continue
    }
    const lock = parseDvcFile(path, text)
    const locked = isRefusal(lock) ? undefined : lock.get('stages')
    if (!isMap(locked)) {
      notes.add('left_out', path, isRefusal(lock) ? lock.because : 'it lists no stages')
      continue
    }
    for (const stage of stages.filter((one) => one.file === file)) {
      const entry = locked.get(stage.name)
      if (isMap(entry) && sameCommand(entry.get('cmd'), stage.fields.get('cmd'))) continue
      const what = isMap(entry)
        ? 'was run with another command than dvc.yaml has now'
        : 'has no entry'
      notes.add('translated', `${path}: ${stage.name}`, `it ${what}; the step follows dvc.yaml`)
    }
    notes.add(
      'translated',
      path,
      'not needed any more: what a step read and made is recorded with each run',
    )
  }
}

function sameCommand(a: DvcValue | undefined, b: DvcValue | undefined): boolean {
  return pythonText(a ?? null) === pythonText(b ?? null)
}

/** dvc.yaml may say itself which file is a model. */
function artifactsOf(documents: readonly (readonly [string, DvcMap])[]) {
  return documents.flatMap(([file, document]) => {
    const artifacts = document.get('artifacts')
    if (!isMap(artifacts)) return []
    return [...artifacts].flatMap(([name, one]) => {
      const path = isMap(one) ? one.get('path') : undefined
      const whole =
        typeof path === 'string' ? joined(dirname(file) === '.' ? '' : dirname(file), path) : ''
      const type = isMap(one) ? one.get('type') : undefined
      const desc = isMap(one) ? one.get('desc') : undefined
      return [
        {
          about: `${file}: artifacts.${name}`,
          path: isRefusal(whole) ? '' : whole,
          isModel: type === undefined || type === 'model',
          description: typeof desc === 'string' ? desc : null,
        },
      ]
    })
  })
}

/** Only a lock that leaves no choice is taken up unasked. */
function pythonLock(files: ProjectFiles, notes: Notes): string | null {
  const path = ['requirements.lock', 'requirements.txt'].find((one) => files.kindOf(one) === 'file')
  if (path === undefined) {
    notes.add(
      'to_do',
      'environment',
      'steps use the python on PATH, as DVC did. A requirements.txt with exact versions, named at the steps as environment: {python: requirements.txt}, gives them one of their own that is part of the release',
    )
    return null
  }
  const reading = readLock('python', files.read(path) ?? '')
  if (!isRefusal(reading) && reading.pinned) {
    notes.add(
      'changed',
      path,
      'steps that use python run in an environment built from it, not in the one that happens to be active',
    )
    return path
  }
  const why = isRefusal(reading)
    ? reading.because
    : `it leaves a choice (${reading.loose.slice(0, 3).join(', ')})`
  notes.add(
    'to_do',
    path,
    `${why}, so steps use the python on PATH, as DVC did. Pin it (pip freeze), then name it at the steps: environment: {python: ${path}}`,
  )
  return null
}

function noteEnvironment(notes: Notes): void {
  notes.add(
    'changed',
    'variables',
    'DVC hands a command all variables of whoever runs it and keeps no record; a step sees PATH, TZ=UTC, LANG=C.UTF-8 and what is declared under env. HOME is its work folder',
  )
  notes.add(
    'changed',
    'files',
    'a step runs in a folder of its own that holds what it declares and nothing else: a file that a program opens without being declared is not found there. Add it to inputs',
  )
  notes.add(
    'changed',
    'parameters',
    'a parameter file holds only the declared keys when a step reads it; adding or removing one counts as a change, and 1, 1.0 and true differ (for DVC they were equal)',
  )
}

export function isPythonStep(command: string): boolean {
  return /(^|[\s(&|;/])(python[\d.]*|pip|papermill|jupyter|pytest)(\s|$)/.test(command)
}
