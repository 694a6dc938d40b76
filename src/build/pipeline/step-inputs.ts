// What a step's declared inputs are right now: files of the project and of upstream outputs, each with its digest.
import type { Refusal } from '../../foundation/refusal.ts'
import { refuse } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { TreeEntry } from '../artifacts/artifact.ts'
import { treeOf } from '../artifacts/artifact.ts'
import { isWithin } from '../artifacts/relative-path.ts'
import { didYouMean } from './nearest-name.ts'
import { globMatcher, isGlob } from './path-pattern.ts'
import type { ProjectSnapshot } from './project-snapshot-fs.ts'
import type { KeyInput } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

/** A file for the work folder; its path is project-relative. */
export interface InputFile extends TreeEntry {
  readonly from: 'project' | 'store'
}

export interface StepInputs {
  readonly inputs: readonly KeyInput[]
  readonly files: readonly InputFile[]
  /** The manifests behind the inputs that are folders or globs. */
  readonly trees: ReadonlyMap<KeyInput, readonly TreeEntry[]>
}

/** @param upstream outputs of the steps this one reads from, with the files of each tree at hand in `treeEntries`. */
export function gatherInputs(request: {
  readonly step: StepSpec
  readonly snapshot: ProjectSnapshot
  readonly upstream: readonly StepOutput[]
  readonly treeEntries: ReadonlyMap<string, readonly TreeEntry[]>
}): StepInputs | Refusal {
  const { step, snapshot, upstream, treeEntries } = request
  const made = upstream.flatMap((output) => filesOf(output, treeEntries))
  const files = new Map<string, InputFile>()
  const trees = new Map<KeyInput, readonly TreeEntry[]>()
  const inputs: KeyInput[] = []
  for (const path of step.inputs) {
    const matches = isGlob(path) ? globMatcher(path) : (file: string) => isWithin(file, path)
    const named = [...projectFiles(snapshot, path), ...made.filter((file) => matches(file.path))]
    if (named.length === 0) {
      const known = [...snapshot.stamps.keys(), ...made.map((file) => file.path)]
      return missingInput(step, path, known)
    }
    for (const file of named) files.set(file.path, file)
    const [first] = named
    if (first !== undefined && first.path === path) {
      inputs.push({ path, kind: 'file', mode: first.mode, digest: first.digest })
      continue
    }
    const kind = isGlob(path) ? 'glob' : 'tree'
    const cut = kind === 'tree' ? path.length + 1 : 0
    const entries = named.map(({ path, mode, digest, size }) => ({
      path: path.slice(cut),
      mode,
      digest,
      size,
    }))
    const input: KeyInput = { path, kind, digest: treeOf(entries).digest }
    inputs.push(input)
    trees.set(input, entries)
  }
  return { inputs, files: [...files.values()], trees }
}

function projectFiles(snapshot: ProjectSnapshot, input: string): InputFile[] {
  return (snapshot.files.get(input) ?? []).flatMap((path) => {
    const stamp = snapshot.stamps.get(path)
    if (stamp === undefined) return []
    return [{ path, mode: stamp.mode, digest: stamp.digest, size: stamp.size, from: 'project' }]
  })
}

function filesOf(
  output: StepOutput,
  treeEntries: ReadonlyMap<string, readonly TreeEntry[]>,
): InputFile[] {
  const { path, digest, size } = output
  if (output.kind === 'file') return [{ path, mode: output.mode, digest, size, from: 'store' }]
  return (treeEntries.get(digest) ?? []).map((entry) => ({
    ...entry,
    path: `${path}/${entry.path}`,
    from: 'store',
  }))
}

export function missingInput(step: StepSpec, path: string, known: Iterable<string>): Refusal {
  const what = isGlob(path) ? 'matches no file' : 'is neither in the project nor made by a step'
  return refuse(
    'step.input_missing',
    `step ${step.name}: input ${path} ${what}${didYouMean(path, known)}`,
  )
}
