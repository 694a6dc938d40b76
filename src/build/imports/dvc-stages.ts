// The stages of one dvc.yaml with everything filled in: foreach and matrix spelled out, templates and variables resolved. Pure.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import type { Notes } from './dvc-notes.ts'
import { joined } from './dvc-paths.ts'
import { fill } from './dvc-template.ts'
import { type DvcMap, type DvcValue, isList, isMap, pythonText } from './dvc-values.ts'
import { type ReadText, withVariables } from './dvc-variables.ts'

/** A stage whose texts hold no template any more; its paths are still relative to `folder`. */
export interface FilledStage {
  /** DVC's own name: `train@a`. */
  readonly name: string
  /** As it stands in dvc.yaml: `train`. */
  readonly declaredAs: string
  /** The dvc.yaml it is from, project-relative. */
  readonly file: string
  /** Where its command runs, project-relative. */
  readonly folder: string
  readonly fields: DvcMap
  /** Its command, deps or outs held a template. */
  readonly templated: boolean
}

export interface StageSource {
  readonly file: string
  /** The folder of dvc.yaml, project-relative. */
  readonly folder: string
  readonly variables: DvcMap
  readonly read: ReadText
  readonly notes: Notes
}

const mostCombinations = 10_000

export function fillStages(stages: DvcMap, source: StageSource): FilledStage[] {
  return [...stages].flatMap(([name, definition]) => {
    const where = `${source.file}: stages.${name}`
    const filled = isMap(definition)
      ? fillDefinition(name, definition, source)
      : refuse('import.stage', 'it is not a map')
    if (!isRefusal(filled)) return filled
    source.notes.add('left_out', where, filled.because)
    return []
  })
}

function fillDefinition(
  name: string,
  definition: DvcMap,
  source: StageSource,
): FilledStage[] | Refusal {
  const loop = loopOf(definition, source.variables)
  if (isRefusal(loop)) return loop
  const stages: FilledStage[] = []
  for (const { key, item, byKey } of loop.rounds) {
    const variables = new Map(source.variables)
    if (item !== undefined) variables.set('item', item)
    if (byKey) variables.set('key', key)
    const full = item === undefined ? name : `${name}@${key}`
    const stage = fillStage(full, loop.template, { ...source, variables })
    if (isRefusal(stage)) return refuse(stage.refused, `${full}: ${stage.because}`)
    stages.push({ ...stage, declaredAs: name })
  }
  return stages
}

interface Round {
  readonly key: string
  /** Undefined for a stage that is none of several. */
  readonly item: DvcValue | undefined
  /** `${key}` may be used. */
  readonly byKey: boolean
}

interface Loop {
  readonly template: DvcMap
  readonly rounds: readonly Round[]
}

function loopOf(definition: DvcMap, variables: DvcMap): Loop | Refusal {
  const foreach = definition.get('foreach')
  const matrix = definition.get('matrix')
  if (foreach !== undefined) {
    const template = definition.get('do')
    if (!isMap(template)) return refuse('import.foreach', 'foreach without do')
    const over = fill(foreach, { variables, place: 'foreach' })
    return isRefusal(over) ? over : withRounds(template, foreachRounds(over))
  }
  if (matrix !== undefined) {
    const template = new Map([...definition].filter(([key]) => key !== 'matrix'))
    const over = fill(matrix, { variables, place: 'foreach' })
    return isRefusal(over) ? over : withRounds(template, matrixRounds(over))
  }
  return { template: definition, rounds: [{ key: '', item: undefined, byKey: false }] }
}

function withRounds(template: DvcMap, rounds: readonly Round[] | Refusal): Loop | Refusal {
  return isRefusal(rounds) ? rounds : { template, rounds }
}

/** Lists of plain values are named by the value, other lists by the place, maps by the key. */
function foreachRounds(over: DvcValue): readonly Round[] | Refusal {
  if (isMap(over)) return [...over].map(([key, item]) => ({ key, item, byKey: true }))
  if (!isList(over)) return refuse('import.foreach', 'foreach goes over neither a list nor a map')
  const byPlace = over.some((item) => isMap(item) || isList(item))
  const rounds = over.map((item, place) => ({
    ...{ key: byPlace ? String(place) : pythonText(item), item, byKey: false },
  }))
  return [...new Map(rounds.map((round) => [round.key, round])).values()]
}

function matrixRounds(over: DvcValue): readonly Round[] | Refusal {
  if (!isMap(over)) return refuse('import.matrix', 'matrix is not a map of lists')
  let rounds: { readonly parts: readonly string[]; readonly item: DvcMap }[] = [
    { parts: [], item: new Map() },
  ]
  for (const [name, values] of over) {
    if (!isList(values)) return refuse('import.matrix', `matrix.${name} is not a list`)
    if (rounds.length * values.length > mostCombinations) {
      return refuse('import.matrix', `it has more than ${mostCombinations} combinations`)
    }
    rounds = rounds.flatMap(({ parts, item }) =>
      values.map((value, place) => ({
        parts: [...parts, isMap(value) || isList(value) ? `${name}${place}` : pythonText(value)],
        item: new Map([...item, [name, value]]),
      })),
    )
  }
  return rounds.map(({ parts, item }) => ({ key: parts.join('-'), item, byKey: true }))
}

function fillStage(
  name: string,
  template: DvcMap,
  source: StageSource,
): Omit<FilledStage, 'declaredAs'> | Refusal {
  const wdir = fill(template.get('wdir') ?? '', { variables: source.variables, place: 'other' })
  if (isRefusal(wdir)) return wdir
  const folder = joined(source.folder, pythonText(wdir))
  if (isRefusal(folder)) return refuse(folder.refused, `wdir ${folder.because}`)
  const own = template.get('vars') ?? []
  if (!isList(own)) return refuse('import.vars', 'vars is not a list')
  const { read } = source
  const variables = withVariables({ vars: own, folder, read, base: source.variables })
  if (isRefusal(variables)) return variables
  const fields = new Map<string, DvcValue>()
  for (const [key, value] of template) {
    if (key === 'vars' || key === 'wdir') continue
    const filled = fill(value, { variables, place: key === 'cmd' ? 'cmd' : 'other' })
    if (isRefusal(filled)) return refuse(filled.refused, `${key}: ${filled.because}`)
    fields.set(key, filled)
  }
  return { name, file: source.file, folder, fields, templated: hasTemplate(template) }
}

function hasTemplate(value: DvcValue): boolean {
  if (typeof value === 'string') return /(?<!\\)\$\{/.test(value)
  if (isList(value)) return value.some(hasTemplate)
  return isMap(value) && [...value].some(([key, one]) => hasTemplate(key) || hasTemplate(one))
}
