// What changed from one release to another, as sentences for the person who approves. Pure.
import { shortDigest } from '../foundation/digest.ts'
import { explainChange } from '../foundation/explain-change.ts'
import type { ManifestDataset, ManifestTensor, ReleaseManifest } from './manifest.ts'

export interface Difference {
  readonly part:
    | 'code'
    | 'data'
    | 'model'
    | 'parameters'
    | 'schema'
    | 'environment'
    | 'gates'
    | 'reproducibility'
  readonly sentence: string
}

/** From `before` (what serves) to `after` (what is asked for). Empty when everything a person cares about is equal. */
export function diffManifests(before: ReleaseManifest, after: ReleaseManifest): Difference[] {
  const pair = { before, after }
  return [
    ...code(pair).map(part('code')),
    ...datasets(pair).map(part('data')),
    ...model(pair).map(part('model')),
    ...parameters(pair).map(part('parameters')),
    ...signature(pair).map(part('schema')),
    ...environment(pair).map(part('environment')),
    ...gates(pair).map(part('gates')),
    ...reproducibility(pair).map(part('reproducibility')),
  ]
}

interface Pair {
  readonly before: ReleaseManifest
  readonly after: ReleaseManifest
}

const part =
  (name: Difference['part']) =>
  (sentence: string): Difference => ({ part: name, sentence })

function code({ before, after }: Pair): string[] {
  const sentences: string[] = []
  if (before.code.commit !== after.code.commit) {
    sentences.push(`commit ${commitOf(before)} → ${commitOf(after)}${authorsOf(after)}`)
  } else if (before.code.tree !== after.code.tree) {
    sentences.push('the project files differ although the commit is the same')
  }
  if (after.code.dirty) sentences.push('the files had changes that are in no commit')
  if (before.pipeline.definition !== after.pipeline.definition) {
    sentences.push('the pipeline is defined differently')
  }
  return sentences
}

function commitOf({ code: { commit } }: ReleaseManifest): string {
  return commit === null ? 'none' : commit.slice(0, 10)
}

function authorsOf({ code: { authors } }: ReleaseManifest): string {
  return authors.length === 0 ? '' : ` by ${authors.join(', ')}`
}

function datasets({ before, after }: Pair): string[] {
  return eachName(before.datasets, after.datasets).flatMap(({ name, old, now }) => {
    if (!old) return [`dataset ${name} is new (${now?.rows} rows)`]
    if (!now) return [`dataset ${name} is no longer used`]
    const sentences: string[] = []
    if (old.version !== now.version) {
      const rows =
        old.rows === now.rows ? `${now.rows} rows, as before` : `${old.rows} → ${now.rows} rows`
      sentences.push(
        `dataset ${name} ${shortDigest(old.version)} → ${shortDigest(now.version)} (${rows})`,
      )
    }
    return [...sentences, ...columnsOf(old, now)]
  })
}

function columnsOf(old: ManifestDataset, now: ManifestDataset): string[] {
  return eachName(old.schema, now.schema).flatMap((column) => {
    const where = `column ${column.name} of dataset ${now.name}`
    if (!column.old) return [`${where} is new (${column.now?.type})`]
    if (!column.now) return [`${where} is gone`]
    return column.old.type === column.now.type
      ? []
      : [`${where}: ${column.old.type} → ${column.now.type}`]
  })
}

function model({ before, after }: Pair): string[] {
  const [old, now] = [before.artifact, after.artifact]
  if (old.digest === now.digest) return []
  return [
    `model ${shortDigest(old.digest)} → ${shortDigest(now.digest)} (${old.size} → ${now.size} bytes)`,
  ]
}

function parameters({ before, after }: Pair): string[] {
  const old: Readonly<Record<string, unknown>> = { ...before.parameters, seed: before.seed }
  const now: Readonly<Record<string, unknown>> = { ...after.parameters, seed: after.seed }
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
  return names.flatMap((name) => explainChange(name, old[name], now[name]))
}

/** A change here can break callers, so each tensor has its own sentence. */
function signature({ before, after }: Pair): string[] {
  const old = before.artifact.signature
  const now = after.artifact.signature
  return [
    ...tensors('input', old.inputs, now.inputs),
    ...tensors('output', old.outputs, now.outputs),
  ]
}

function tensors(
  side: string,
  before: readonly ManifestTensor[],
  after: readonly ManifestTensor[],
): string[] {
  const shown = ({ datatype, shape }: ManifestTensor) => `${datatype}[${shape.join(', ')}]`
  return eachName(before, after).flatMap(({ name, old, now }) => {
    if (!old)
      return [
        `${side} ${name} is new (${now ? shown(now) : ''})${side === 'input' ? ': callers must send it' : ''}`,
      ]
    if (!now) return [`${side} ${name} is gone`]
    return shown(old) === shown(now) ? [] : [`${side} ${name}: ${shown(old)} → ${shown(now)}`]
  })
}

function environment({ before, after }: Pair): string[] {
  const versions = (['lockstep', 'node', 'platform'] as const).flatMap((name) => {
    const [old, now] = [before.environment[name], after.environment[name]]
    if (old === now) return []
    return [`${name} ${old} → ${now}`]
  })
  const [old, now] = [before.environment.machine, after.environment.machine]
  const machine =
    old.processor === now.processor ? [] : [`processor ${old.processor} → ${now.processor}`]
  return [...versions, ...machine, ...runtimes({ before, after })]
}

function runtimes({ before, after }: Pair): string[] {
  const named = ({ environment: { runtimes: all } }: ReleaseManifest) =>
    all.map((one) => ({ ...one, name: `${one.kind} environment of ${one.lockPath}` }))
  return eachName(named(before), named(after)).flatMap(({ name, old, now }) => {
    if (!old) return [`${name} is new (${now?.interpreter})`]
    if (!now) return [`${name} is no longer used`]
    if (old.digest === now.digest) return []
    const interpreter =
      old.interpreter === now.interpreter ? '' : `: ${old.interpreter} → ${now.interpreter}`
    return [`${name} changed${interpreter}${old.lock === now.lock ? '' : ' (other packages)'}`]
  })
}

function reproducibility({ before, after }: Pair): string[] {
  const shown = ({ reproducibility: { level, reasons } }: ReleaseManifest) =>
    reasons.length === 0
      ? level
      : `${level} (${[...new Set(reasons.map(({ code: reason }) => reason))].join(', ')})`
  const [old, now] = [shown(before), shown(after)]
  return old === now ? [] : [`recorded as ${old} → ${now}`]
}

function gates({ before, after }: Pair): string[] {
  const sentences: string[] = []
  if (before.gates.definition !== after.gates.definition) {
    sentences.push('the gates are defined differently, so their verdicts do not compare')
  }
  if (before.gates.verdict !== after.gates.verdict) {
    sentences.push(`gates: ${before.gates.verdict} → ${after.gates.verdict}`)
  }
  return sentences
}

interface Twin<T> {
  readonly name: string
  readonly old: T | undefined
  readonly now: T | undefined
}

function eachName<T extends { readonly name: string }>(
  before: readonly T[],
  after: readonly T[],
): Twin<T>[] {
  const names = new Set([...before, ...after].map(({ name }) => name))
  return [...names].map((name) => ({
    name,
    old: before.find((one) => one.name === name),
    now: after.find((one) => one.name === name),
  }))
}
