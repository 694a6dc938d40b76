// The lists of a filled stage: dependencies, parameters, outputs with their flags. Each thing without a place here gets its note. Pure.
import { isRefusal } from '../../foundation/refusal.ts'
import type { Notes } from './dvc-notes.ts'
import { joined } from './dvc-paths.ts'
import type { FilledStage } from './dvc-stages.ts'
import { type DvcMap, type DvcValue, isList, isMap, pythonText } from './dvc-values.ts'

export interface StagePaths {
  readonly inputs: readonly string[]
  readonly params: readonly string[]
  readonly outputs: readonly string[]
  readonly metrics: readonly string[]
}

const known = new Set([
  ...['cmd', 'wdir', 'deps', 'params', 'vars', 'outs', 'metrics', 'plots'],
  ...['frozen', 'always_changed', 'meta', 'desc', 'matrix'],
])

export function pathsOf(stage: FilledStage, notes: Notes): StagePaths {
  const about = (field: string) => `${stage.file}: stages.${stage.name}.${field}`
  for (const key of stage.fields.keys()) {
    if (!known.has(key))
      notes.add(
        'left_out',
        about(key),
        `${key} is not a key of a stage that DVC documents; nothing was made of it`,
      )
  }
  if (stage.fields.has('meta'))
    notes.add(
      'left_out',
      about('meta'),
      'DVC keeps meta for people and programs; steps have no such place',
    )
  const params = paramsOf(stage, notes)
  const metrics = outputsOf(stage, 'metrics', notes)
  const outputs = [
    ...outputsOf(stage, 'outs', notes),
    ...metrics,
    ...outputsOf(stage, 'plots', notes),
  ]
  return {
    inputs: unique([...inputsOf(stage, notes), ...params.asInputs]),
    params: unique(params.keys),
    outputs: unique(outputs),
    metrics: unique(metrics).filter((path) => {
      if (/\.(json|ya?ml)$/i.test(path)) return true
      notes.add(
        'changed',
        about('metrics'),
        `${path} stays an output, but metrics are read from JSON and YAML only`,
      )
      return false
    }),
  }
}

function inputsOf(stage: FilledStage, notes: Notes): string[] {
  const about = `${stage.file}: stages.${stage.name}.deps`
  return textsOf(stage.fields.get('deps'), about, notes).flatMap((text) => {
    if (text.startsWith('ds://')) {
      notes.add(
        'to_do',
        about,
        `${text} is a dataset of DVC's datasets section: bring its files into the project and declare them`,
      )
      return []
    }
    const path = joined(stage.folder, text)
    if (isRefusal(path)) {
      notes.add(
        'left_out',
        about,
        `${path.because}; bring it into the project and declare it as an input`,
      )
      return []
    }
    if (path !== '') return [path]
    notes.add(
      'changed',
      about,
      'it depends on its whole folder; here that is the pattern **, every file that is not hidden',
    )
    return ['**']
  })
}

/** Keys of the default file, `{file: [keys]}`, and whole files. What is neither YAML nor JSON becomes an input, whole. */
function paramsOf(stage: FilledStage, notes: Notes) {
  const about = `${stage.file}: stages.${stage.name}.params`
  const keys: string[] = []
  const asInputs: string[] = []
  const wanted = (file: string, names: readonly string[]) => {
    const path = joined(stage.folder, file)
    if (isRefusal(path)) notes.add('left_out', about, path.because)
    else if (/\.(ya?ml|json)$/i.test(path)) {
      keys.push(...(names.length === 0 ? [path] : names.map((name) => `${path}:${name}`)))
    } else {
      asInputs.push(path)
      const which = names.length === 0 ? '' : ` (DVC looked at ${names.join(', ')} only)`
      notes.add(
        'changed',
        about,
        `${path} is an input as a whole${which}: parameters are read from YAML and JSON here`,
      )
    }
  }
  const list = stage.fields.get('params') ?? []
  if (!isList(list)) notes.add('left_out', about, 'params is not a list')
  else {
    for (const one of list) {
      if (!isMap(one)) wanted('params.yaml', [pythonText(one)])
      else for (const [file, names] of one) wanted(file, isList(names) ? names.map(pythonText) : [])
    }
  }
  const whole = new Set(keys.filter((key) => !key.includes(':')))
  return {
    keys: keys.filter((key) => whole.has(key) || !whole.has(key.split(':')[0] ?? '')),
    asInputs,
  }
}

function outputsOf(
  stage: FilledStage,
  field: 'outs' | 'metrics' | 'plots',
  notes: Notes,
): string[] {
  const about = `${stage.file}: stages.${stage.name}.${field}`
  const list = stage.fields.get(field) ?? []
  if (!isList(list)) {
    notes.add('left_out', about, `${field} is not a list`)
    return []
  }
  const entries = list.flatMap((one): (readonly [string, DvcValue])[] =>
    isMap(one) ? [...one] : [[pythonText(one), null] as const],
  )
  return entries.flatMap(([text, flags]) => {
    const path = joined(stage.folder, text)
    if (isRefusal(path) || path === '') {
      notes.add(
        'left_out',
        about,
        isRefusal(path) ? path.because : 'an output cannot be the whole folder of the stage',
      )
      return []
    }
    for (const map of isList(flags) ? flags.filter(isMap) : isMap(flags) ? [flags] : [])
      noteFlags(map, path, about, notes)
    return [path]
  })
}

function noteFlags(flags: DvcMap, path: string, about: string, notes: Notes): void {
  for (const [flag, value] of flags) {
    const said = flagNotes[flag] ?? flagNotes.other
    if (said?.[2] === undefined || value === said[2]) {
      const [kind, sentence] = said ?? (['left_out', 'it has no counterpart'] as const)
      notes.add(kind, `${about} ${path}`, `${flag}: ${sentence}`)
    }
  }
}

type FlagNote = readonly [
  kind: 'translated' | 'changed' | 'left_out',
  sentence: string,
  when?: DvcValue,
]

/** `when`: the flag means something only with this value. */
const flagNotes: Readonly<Record<string, FlagNote>> = {
  cache: [
    'translated',
    'the content store keeps every output by its digest, small ones too; whether git has it as well is yours to decide',
    false,
  ],
  persist: [
    'changed',
    'each attempt begins in an empty folder, so the command does not find its former output; declare that as an input under another name if it needs it',
    true,
  ],
  push: ['left_out', 'where releases are pushed is said when they are pushed', false],
  remote: ['left_out', 'storage is chosen for the project, not for each output'],
  checkpoint: [
    'left_out',
    'DVC has dropped checkpoints too; a step ends with one set of outputs',
    true,
  ],
  desc: ['left_out', 'outputs have no description here; a comment in lockstep.yaml does the same'],
  type: ['left_out', 'outputs have no type label here'],
  labels: ['left_out', 'outputs have no labels here'],
  meta: ['left_out', 'outputs have no free notes here'],
  template: ['left_out', 'how a plot is drawn is not kept; its figures are'],
  other: ['left_out', 'how a plot is drawn is not kept; its figures are'],
}

function textsOf(value: DvcValue | undefined, about: string, notes: Notes): string[] {
  if (value === undefined || value === null) return []
  if (!isList(value)) {
    notes.add('left_out', about, 'it is not a list')
    return []
  }
  return value.flatMap((one) => {
    if (!isMap(one) && !isList(one)) return [pythonText(one)]
    notes.add('left_out', about, 'an entry is not a path')
    return []
  })
}

export function unique(list: readonly string[]): string[] {
  return [...new Set(list)]
}
