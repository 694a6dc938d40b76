// A pipeline as it is drawn: steps made from one declaration are one node, unless every step was asked for. Pure.

export interface DrawableStep {
  readonly name: string
  readonly declaredAs: string
  readonly after: readonly { readonly step: string; readonly files: readonly string[] }[]
  readonly outputs: readonly string[]
  readonly verdict: string | null
}

export interface GraphNode {
  /** `train ×12` */
  readonly name: string
  readonly steps: number
  readonly verdict: string | null
  readonly outputs: readonly string[]
  readonly after: readonly { readonly node: string; readonly files: readonly string[] }[]
}

/** What a person should see first, when the steps of one node fared differently. */
const gravity = [
  ...['failed', 'timed_out', 'running', 'cancelled', 'blocked', null, 'ran', 'hit'],
] as const

export function foldGraph(steps: readonly DrawableStep[]): GraphNode[] {
  const count = new Map<string, number>()
  for (const { declaredAs } of steps) count.set(declaredAs, (count.get(declaredAs) ?? 0) + 1)
  const folded = nodesOf(steps, ({ declaredAs }) => {
    const many = count.get(declaredAs) ?? 1
    return many > 1 ? `${declaredAs} ×${many}` : declaredAs
  })
  // `train@a → evaluate@a → train@b` would become a circle: then every step stands for itself.
  return hasCircle(folded) ? everyStep(steps) : folded
}

export function everyStep(steps: readonly DrawableStep[]): GraphNode[] {
  return nodesOf(steps, ({ name }) => name)
}

function nodesOf(
  steps: readonly DrawableStep[],
  nodeNameOf: (step: DrawableStep) => string,
): GraphNode[] {
  const nodeOf = new Map(steps.map((step) => [step.name, nodeNameOf(step)]))
  const groups = new Map<string, DrawableStep[]>()
  for (const step of steps) {
    const name = nodeOf.get(step.name) ?? step.name
    const group = groups.get(name)
    if (group) group.push(step)
    else groups.set(name, [step])
  }
  return [...groups].map(([name, group]) => {
    const files = new Map<string, Set<string>>()
    for (const edge of group.flatMap((step) => step.after)) {
      const node = nodeOf.get(edge.step)
      if (node === undefined || node === name) continue
      const known = files.get(node) ?? new Set()
      for (const file of edge.files) known.add(file)
      files.set(node, known)
    }
    return {
      name,
      steps: group.length,
      verdict: gravity.find((one) => group.some((step) => step.verdict === one)) ?? null,
      outputs: group.flatMap((step) => step.outputs),
      after: [...files].map(([node, read]) => ({ node, files: [...read] })),
    }
  })
}

function hasCircle(nodes: readonly GraphNode[]): boolean {
  const done = new Set<string>()
  let left = nodes
  while (left.length > 0) {
    const next = left.filter((node) => !node.after.every((edge) => done.has(edge.node)))
    if (next.length === left.length) return true
    for (const node of left) if (!next.includes(node)) done.add(node.name)
    left = next
  }
  return false
}
