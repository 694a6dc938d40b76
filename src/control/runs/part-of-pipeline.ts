// Which steps a run leaves out: a run of a part of the pipeline ends with its steps. Pure.
import { buildGraph, selectTargets } from '../../build/pipeline/graph.ts'
import { namesMeant } from '../../build/pipeline/step-names.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { RunScope } from './run.ts'

export interface Part {
  /** `to train`, `only train, evaluate`. */
  readonly words: string
  readonly leftOut: readonly string[]
}

/** Null when every step is meant; names nobody bears are left for the pipeline to refuse. */
export function partOf(steps: readonly StepSpec[], { to, only }: RunScope): Part | null {
  const asked = only.length > 0 ? only : to
  if (asked.length === 0) return null
  const names = namesMeant(steps, asked)
  const chosen = new Set(only.length > 0 ? names : upstreamOf(steps, names))
  const leftOut = steps.filter((step) => !chosen.has(step.name)).map((step) => step.name)
  if (leftOut.length === 0) return null
  return { words: `${only.length > 0 ? 'only' : 'up to'} ${asked.join(', ')}`, leftOut }
}

function upstreamOf(steps: readonly StepSpec[], names: readonly string[]): readonly string[] {
  const graph = buildGraph(steps)
  if ('problems' in graph) return names
  const selected = selectTargets(graph, names)
  return isRefusal(selected) ? names : selected.map((step) => step.name)
}
