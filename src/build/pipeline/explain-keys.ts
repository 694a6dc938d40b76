// Why a step runs again: the difference of two key documents, in words.
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Digest } from '../../foundation/digest.ts'
import { shortDigest } from '../../foundation/digest.ts'
import { explainChange } from '../../foundation/explain-change.ts'
import type { StepCommand } from '../../project/step-spec.ts'
import type { TreeEntry } from '../artifacts/artifact.ts'
import type { KeyInput, StepKeyDocument } from './step-key.ts'
import type { RuntimeFacts } from './step-runtime.ts'

/** Manifests by digest, as far as they are at hand; without them a folder is only said to have changed. */
export type KnownTrees = ReadonlyMap<Digest, readonly TreeEntry[]>

type LaterFields = 'folder' | 'inherited' | 'secrets' | 'runtime' | 'metrics'
/** As read back from the action cache: documents of version 1 lack the later fields. */
export type StoredKeyDocument = Omit<StepKeyDocument, LaterFields> &
  Partial<Pick<StepKeyDocument, LaterFields>>

/** One sentence per difference; no sentence exactly when the documents, and so the keys, are equal. `before` may be of an older version. */
export function explainKeys(
  before: StoredKeyDocument,
  after: StoredKeyDocument,
  trees: KnownTrees = new Map(),
): string[] {
  const files = new Set([...before.parameters, ...after.parameters].map(({ file }) => file))
  const naming = files.size > 1 ? 'with_file' : 'bare'
  const said = [
    ...explainChange('key version', before.keyVersion, after.keyVersion),
    ...explainChange('step name', before.step, after.step),
    ...explainCommand(before.command, after.command),
    ...explainFolder(before.folder, after.folder),
    ...explainInputs(before.inputs, after.inputs, trees),
    ...explainNamed('parameter', parametersOf(before, naming), parametersOf(after, naming)),
    ...explainForms(before, after),
    ...explainNamed('environment variable', mapOf(before.environment), mapOf(after.environment)),
    ...explainNamed(
      'inherited variable',
      mapOf(before.inherited ?? {}),
      mapOf(after.inherited ?? {}),
    ),
    ...explainList('secret', before.secrets ?? [], after.secrets ?? []),
    ...explainRuntime(before.runtime ?? null, after.runtime ?? null),
    ...explainChange('Lockstep version', before.tool?.lockstep, after.tool?.lockstep),
    ...explainChange('seed', before.seed, after.seed),
    ...explainList('output', before.outputs, after.outputs),
    ...explainList('metrics file', before.metrics ?? [], after.metrics ?? []),
  ]
  if (said.length > 0 || canonicalJson(before) === canonicalJson(after)) return said
  return ['the key document changed']
}

function explainCommand(before: StepCommand, after: StepCommand): string[] {
  if (canonicalJson(before) === canonicalJson(after)) return []
  return [`command changed from ${commandText(before)} to ${commandText(after)}`]
}

/** As a person would type it; arguments with blanks are quoted, so that two different commands never read alike. */
export function commandText(command: StepCommand): string {
  if ('shell' in command) return `shell ${JSON.stringify(command.shell)}`
  return command.argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ')
}

function explainInputs(
  before: readonly KeyInput[],
  after: readonly KeyInput[],
  trees: KnownTrees,
): string[] {
  const old = new Map(before.map((input) => [input.path, input]))
  const now = new Map(after.map((input) => [input.path, input]))
  const said: string[] = []
  for (const [path, input] of now) {
    const was = old.get(path)
    if (was === undefined) said.push(`input ${path} is new`)
    else said.push(...explainInput(was, input, trees))
  }
  for (const path of old.keys())
    if (!now.has(path)) said.push(`input ${path} is no longer declared`)
  return said
}

function explainInput(was: KeyInput, input: KeyInput, trees: KnownTrees): string[] {
  const { path } = input
  if (was.kind !== input.kind) return [`input ${path} was a ${was.kind} and is now a ${input.kind}`]
  if (was.kind === 'file' && input.kind === 'file' && was.digest === input.digest) {
    return was.mode === input.mode
      ? []
      : [`input ${path} ${input.mode === '0755' ? 'became' : 'is no longer'} executable`]
  }
  if (was.digest === input.digest) return []
  const oldFiles = trees.get(was.digest)
  const newFiles = trees.get(input.digest)
  if (input.kind === 'file' || oldFiles === undefined || newFiles === undefined) {
    return [`input ${path} changed (${shortDigest(was.digest)} → ${shortDigest(input.digest)})`]
  }
  const prefix = input.kind === 'tree' ? `${path}/` : ''
  return explainTree(prefix, oldFiles, newFiles)
}

const filesNamed = 5

function explainTree(
  prefix: string,
  before: readonly TreeEntry[],
  after: readonly TreeEntry[],
): string[] {
  const old = new Map(before.map((entry) => [entry.path, entry]))
  const now = new Map(after.map((entry) => [entry.path, entry]))
  const said: string[] = []
  for (const [path, entry] of now) {
    const was = old.get(path)
    if (was === undefined) said.push(`input ${prefix}${path} is new`)
    else if (was.digest !== entry.digest) said.push(`input ${prefix}${path} changed`)
    else if (was.mode !== entry.mode) said.push(`input ${prefix}${path} changed its mode`)
  }
  for (const path of old.keys()) if (!now.has(path)) said.push(`input ${prefix}${path} is gone`)
  if (said.length <= filesNamed) return said
  const rest = said.length - filesNamed
  return [...said.slice(0, filesNamed), `${rest} more files differ in input ${prefix || 'globs'}`]
}

/** The bare key where one file is meant, so that it reads `parameter train.C changed from 1 to 0.5`. */
function parametersOf(
  document: Pick<StepKeyDocument, 'parameters'>,
  naming: 'bare' | 'with_file',
): ReadonlyMap<string, unknown> {
  return new Map(
    document.parameters.map(({ file, key, value }) => [
      key === '' ? `file ${file}` : naming === 'bare' ? key : `${key} (${file})`,
      value,
    ]),
  )
}

/** Equal as plain values, but not as they are written: 1 became 1.0, a date became a text. */
function explainForms(
  before: Pick<StepKeyDocument, 'parameters'>,
  after: Pick<StepKeyDocument, 'parameters'>,
): string[] {
  const old = new Map(before.parameters.map((one) => [`${one.file}\u0000${one.key}`, one]))
  return after.parameters.flatMap((now) => {
    const was = old.get(`${now.file}\u0000${now.key}`)
    if (was === undefined || was.toml === now.toml) return []
    if (canonicalJson(was.value) !== canonicalJson(now.value)) return []
    const name = now.key === '' ? `file ${now.file}` : now.key
    return [`parameter ${name} is written as ${now.toml} and no longer as ${was.toml}`]
  })
}

function mapOf(record: Readonly<Record<string, string | null>>): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(record))
}

function explainNamed(
  what: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): string[] {
  const said: string[] = []
  for (const [name, value] of after) {
    if (before.has(name)) said.push(...explainChange(`${what} ${name}`, before.get(name), value))
    else said.push(`${what} ${name} is new`)
  }
  for (const name of before.keys())
    if (!after.has(name)) said.push(`${what} ${name} is no longer declared`)
  return said
}

function explainList(what: string, before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((name) => !before.includes(name)).map((name) => `${what} ${name} is new`),
    ...before
      .filter((name) => !after.includes(name))
      .map((name) => `${what} ${name} is no longer declared`),
  ]
}

function explainFolder(before = '', after = ''): string[] {
  const named = (folder: string) => folder || 'the project folder'
  return before === after ? [] : [`working folder changed from ${named(before)} to ${named(after)}`]
}

function explainRuntime(before: RuntimeFacts | null, after: RuntimeFacts | null): string[] {
  if (before === null && after === null) return []
  if (after === null) return [`the ${before?.kind} environment is no longer declared`]
  if (before === null) return [`a ${after.kind} environment is new`]
  if (before.kind !== after.kind)
    return [`the ${before.kind} environment was replaced by one of ${after.kind}`]
  const said = [
    ...explainChange(`${after.kind} version`, before.interpreter, after.interpreter),
    ...explainChange('platform', before.platform, after.platform),
    ...explainChange(
      `lock file of the ${after.kind} environment`,
      shortDigest(before.lock),
      shortDigest(after.lock),
    ),
  ]
  if (said.length > 0 || before.digest === after.digest) return said
  return [`the ${after.kind} environment is made in another way`]
}
