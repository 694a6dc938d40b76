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
import { type SnapshotInput, withinInput } from './snapshot-input.ts'
import type { KeyInput } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

/** A file for the work folder; its path is project-relative. */
export interface InputFile extends TreeEntry {
  readonly from: 'project' | 'store'
}

export interface StepInputs {
  readonly inputs: readonly KeyInput[]
  /** Listed when asked for: a step whose result is known never needs them. */
  files(): readonly InputFile[]
  /** The manifests behind the inputs that are folders or globs; listed when asked for. */
  trees(): ReadonlyMap<KeyInput, readonly TreeEntry[]>
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
  const gathered: Gathered[] = []
  for (const path of step.inputs) {
    const matches = isGlob(path) ? globMatcher(path) : (file: string) => isWithin(file, path)
    const upstreamFiles = made.filter((file) => matches(file.path))
    const own = snapshot.inputs.get(path)
    if (upstreamFiles.length === 0 && own?.isEmpty !== false) {
      return missingInput(step, path, [...snapshot.paths(), ...made.map((file) => file.path)])
    }
    gathered.push(
      own === undefined || own.isEmpty || upstreamFiles.length > 0
        ? mixed(path, [...projectFiles(own), ...upstreamFiles])
        : ofProject(own),
    )
  }
  return {
    inputs: gathered.map(({ input }) => input),
    files: () => [
      ...new Map(gathered.flatMap((one) => one.files()).map((file) => [file.path, file])).values(),
    ],
    trees: () =>
      new Map(
        gathered
          .filter(({ input }) => input.kind !== 'file')
          .map(({ input, files }) => [input, manifestOf(input, files())]),
      ),
  }
}

interface Gathered {
  readonly input: KeyInput
  readonly files: () => readonly InputFile[]
}

/** Known by the snapshot's digest alone, however many files there are. */
function ofProject(own: SnapshotInput): Gathered {
  const { path, kind, digest } = own
  const files = () => projectFiles(own)
  const [first] = kind === 'file' ? files() : []
  if (first !== undefined) {
    return { input: { path, kind: 'file', mode: first.mode, digest: first.digest }, files }
  }
  return { input: { path, kind: kind === 'glob' ? 'glob' : 'tree', digest }, files }
}

function mixed(path: string, named: readonly InputFile[]): Gathered {
  const files = () => named
  const [first] = named
  if (first !== undefined && first.path === path) {
    return { input: { path, kind: 'file', mode: first.mode, digest: first.digest }, files }
  }
  const kind = isGlob(path) ? 'glob' : 'tree'
  return { input: { path, kind, digest: treeOf(withinInput(path, kind, named)).digest }, files }
}

function manifestOf({ path, kind }: KeyInput, files: readonly InputFile[]): readonly TreeEntry[] {
  return withinInput(path, kind, files)
}

function projectFiles(own: SnapshotInput | undefined): InputFile[] {
  return (own?.entries() ?? []).map(({ path, mode, digest, size }) => ({
    ...{ path, mode, digest, size },
    from: 'project' as const,
  }))
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
