// The pipeline as a graph: who makes a path makes an edge to everyone who reads it. Nothing runs on a graph with a problem.
import type { Refusal } from '../../foundation/refusal.ts'
import { isRefusal, refuse } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { foldersAbove, isWithin } from '../artifacts/relative-path.ts'
import { checkSteps } from './check-steps.ts'
import { didYouMean } from './nearest-name.ts'
import { isGlob, literalFolder, mayReach, reachMatcher } from './path-pattern.ts'

export interface PipelineGraph {
  /** Every step after those it reads from; ties in the declared order. Paths are in their plain form. */
  readonly steps: readonly StepSpec[]
  readonly upstream: ReadonlyMap<string, readonly string[]>
  readonly downstream: ReadonlyMap<string, readonly string[]>
  /** Output path → the step that writes it. */
  readonly producers: ReadonlyMap<string, string>
}

export interface GraphProblems {
  readonly problems: readonly Refusal[]
}

export function buildGraph(declared: readonly StepSpec[]): PipelineGraph | GraphProblems {
  const { steps, problems } = checkSteps(declared)
  const outputs = indexOutputs(steps)
  const found = [...problems, ...outputs.problems]
  if (found.length > 0) return { problems: found }

  const upstream = new Map<string, readonly string[]>()
  const downstream = new Map<string, string[]>(steps.map(({ name }) => [name, []]))
  for (const step of steps) {
    const sources = new Set(step.inputs.flatMap((input) => producersOf(input, outputs)))
    found.push(...mustBeSources(step, outputs))
    upstream.set(step.name, [...sources])
    for (const source of sources) downstream.get(source)?.push(step.name)
  }
  const ordered = topologicalOrder(steps, upstream)
  if (isRefusal(ordered)) found.push(ordered)
  if (found.length > 0 || isRefusal(ordered)) return { problems: found }
  return { steps: ordered, upstream, downstream, producers: outputs.producers }
}

/** Parameters and lock files are part of the key before anything runs, so no step can make them. */
function mustBeSources(step: StepSpec, outputs: OutputIndex): Refusal[] {
  const made = step.params.flatMap(({ file }) =>
    producersOf(file, outputs).map((source) =>
      refuse(
        'graph.params_are_output',
        `step ${step.name} takes parameters from ${file}, which step ${source} writes; declare it as an input instead`,
      ),
    ),
  )
  if (step.runtime === null) return made
  const { lock } = step.runtime
  const locks = producersOf(lock, outputs).map((source) =>
    refuse(
      'graph.lock_is_output',
      `the environment of step ${step.name} is locked by ${lock}, which step ${source} writes; commit the lock file instead`,
    ),
  )
  return [...made, ...locks]
}

/** The named steps and everything they read from, in running order; all steps when no name is given. */
export function selectTargets(
  graph: PipelineGraph,
  names: readonly string[],
): readonly StepSpec[] | Refusal {
  if (names.length === 0) return graph.steps
  const chosen = new Set<string>()
  const waiting = [...names]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const sources = graph.upstream.get(name)
    if (sources === undefined) {
      const known = [...graph.upstream.keys()]
      return refuse(
        'graph.unknown_step',
        `there is no step ${name}${didYouMean(name, known)} (steps: ${known.join(', ')})`,
      )
    }
    if (chosen.has(name)) continue
    chosen.add(name)
    waiting.push(...sources)
  }
  return graph.steps.filter((step) => chosen.has(step.name))
}

/** True when the declared input may name the output, something inside it, or a folder around it. */
export function mayRead(input: string, output: string): boolean {
  if (isGlob(input)) return mayReach(input, output)
  return isWithin(input, output) || isWithin(output, input)
}

interface OutputIndex {
  readonly producers: ReadonlyMap<string, string>
  /** Folder → outputs somewhere beneath it. */
  readonly beneath: ReadonlyMap<string, readonly string[]>
}

function indexOutputs(steps: readonly StepSpec[]): OutputIndex & { problems: Refusal[] } {
  const producers = new Map<string, string>()
  const beneath = new Map<string, string[]>()
  const problems: Refusal[] = []
  const all = steps.flatMap((step) => step.outputs.map((path) => ({ path, step: step.name })))
  for (const { path, step } of all) {
    const other = producers.get(path)
    if (other !== undefined) {
      const who = other === step ? `step ${step} declares` : `steps ${other} and ${step} both write`
      problems.push(refuse('graph.two_writers', `${who} ${path}${other === step ? ' twice' : ''}`))
    }
    producers.set(path, step)
    for (const folder of foldersAbove(path)) {
      const inside = beneath.get(folder)
      if (inside === undefined) beneath.set(folder, [path])
      else inside.push(path)
    }
  }
  for (const { path, step } of all) {
    for (const folder of foldersAbove(path)) {
      const other = producers.get(folder)
      if (other === undefined) continue
      problems.push(
        refuse(
          'graph.nested_outputs',
          `step ${step} writes ${path} inside ${folder}, an output of step ${other}; one step must own a folder`,
        ),
      )
    }
  }
  return { producers, beneath, problems }
}

function producersOf(input: string, outputs: OutputIndex): string[] {
  const paths = isGlob(input) ? reachedBy(input, outputs) : around(input, outputs)
  return paths.flatMap((path) => outputs.producers.get(path) ?? [])
}

/** The path itself, the folders it lies in, and what lies in it. */
function around(path: string, { beneath }: OutputIndex): string[] {
  return [path, ...foldersAbove(path), ...(beneath.get(path) ?? [])]
}

/** Only what lies around the glob's plain beginning is looked at: with many steps all outputs would be too many. */
function reachedBy(glob: string, outputs: OutputIndex): string[] {
  const folder = literalFolder(glob)
  const near = folder === '' ? [...outputs.producers.keys()] : around(folder, outputs)
  const reaches = reachMatcher(glob)
  return near.filter(reaches)
}

function topologicalOrder(
  steps: readonly StepSpec[],
  upstream: ReadonlyMap<string, readonly string[]>,
): readonly StepSpec[] | Refusal {
  const place = new Map(steps.map(({ name }, index) => [name, index]))
  const missing = new Map(steps.map(({ name }) => [name, upstream.get(name)?.length ?? 0]))
  const readers = new Map<string, StepSpec[]>(steps.map(({ name }) => [name, []]))
  for (const step of steps)
    for (const source of upstream.get(step.name) ?? []) readers.get(source)?.push(step)
  const ordered: StepSpec[] = []
  let ready = steps.filter(({ name }) => missing.get(name) === 0)
  while (ready.length > 0) {
    ordered.push(...ready)
    const next: StepSpec[] = []
    for (const reader of ready.flatMap(({ name }) => readers.get(name) ?? [])) {
      const left = (missing.get(reader.name) ?? 0) - 1
      missing.set(reader.name, left)
      if (left === 0) next.push(reader)
    }
    ready = next.sort((a, b) => (place.get(a.name) ?? 0) - (place.get(b.name) ?? 0))
  }
  if (ordered.length === steps.length) return ordered
  return cycleRefusal(
    steps.filter(({ name }) => missing.get(name) !== 0),
    upstream,
  )
}

/** Every step left reads from another one left, so walking upstream must come round. */
function cycleRefusal(
  left: readonly StepSpec[],
  upstream: ReadonlyMap<string, readonly string[]>,
): Refusal {
  const stuck = new Map(left.map((step) => [step.name, step]))
  const seen = new Set<string>()
  let name = left[0]?.name
  while (name !== undefined && !seen.has(name)) {
    seen.add(name)
    name = upstream.get(name)?.find((source) => stuck.has(source))
  }
  const walk = [...seen]
  const circle = walk.slice(walk.indexOf(name ?? '')).reverse()
  const links = circle.map((writer, index) => {
    const reader = circle[(index + 1) % circle.length] ?? writer
    return `${reader} reads ${sharedPath(stuck.get(writer), stuck.get(reader))} from ${writer}`
  })
  if (circle.length === 1) {
    return refuse('graph.cycle', `step ${circle[0]} reads its own output: ${links[0]}`)
  }
  const round = [...circle, circle[0]].join(' → ')
  return refuse('graph.cycle', `the steps form a circle, ${round}: ${links.join('; ')}`)
}

function sharedPath(writer: StepSpec | undefined, reader: StepSpec | undefined): string {
  const reads = reader?.inputs ?? []
  return (
    writer?.outputs.find((output) => reads.some((input) => mayRead(input, output))) ?? 'an output'
  )
}
