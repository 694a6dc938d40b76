// Lineage as a graph of what was made from what, and the tree one sees standing at one of its nodes. Pure.

export type NodeKind = 'dataset' | 'commit' | 'run' | 'release' | 'environment' | 'object'

export interface LineageNode {
  /** `data:survey@sha256:…`, `commit:…`, `run:4`, `release:3`, `environment:production`, a digest. */
  readonly id: string
  readonly kind: NodeKind
  readonly title: string
  readonly facts: readonly string[]
}

/** `to` was made from `from`. */
export interface LineageEdge {
  readonly from: string
  readonly to: string
  /** Read from `to`: `trained on`. */
  readonly up: string
  /** Read from `from`: `trained`. */
  readonly down: string
}

export interface Lineage {
  readonly nodes: ReadonlyMap<string, LineageNode>
  readonly edges: readonly LineageEdge[]
}

export interface LineageBranch {
  readonly node: LineageNode
  readonly by: string
  /** Its own branches are shown where it stands first. */
  readonly again: boolean
  readonly next: readonly LineageBranch[]
}

export function branches(
  lineage: Lineage,
  start: string,
  direction: 'up' | 'down',
): readonly LineageBranch[] {
  const [at, to] = direction === 'up' ? (['to', 'from'] as const) : (['from', 'to'] as const)
  const edgesAt = Map.groupBy(lineage.edges, (edge) => edge[at])
  const shown = new Set([start])
  const grow = (id: string): LineageBranch[] =>
    (edgesAt.get(id) ?? []).flatMap((edge) => {
      const node = lineage.nodes.get(edge[to])
      if (!node) return []
      const again = shown.has(node.id)
      shown.add(node.id)
      return [{ node, by: edge[direction], again, next: again ? [] : grow(node.id) }]
    })
  return grow(start)
}

/** Every node that was made from this one, itself among them. */
export function descendants(lineage: Lineage, start: string): ReadonlySet<string> {
  const edgesFrom = Map.groupBy(lineage.edges, (edge) => edge.from)
  const found = new Set([start])
  for (const id of found) for (const edge of edgesFrom.get(id) ?? []) found.add(edge.to)
  return found
}
