// The first half of drawing a graph: every node in a layer after all it reads from, with the lines that pass in between. Pure.

export interface DrawnNode {
  readonly id: string
  /** Along the layer. */
  readonly width: number
}

export interface DrawnLink {
  readonly from: string
  readonly to: string
}

export interface LayoutOptions {
  /** Between neighbours in a layer. */
  readonly gap: number
  readonly passingWidth: number
}

/** A node, or the line of a node that has readers further on. */
export interface Place {
  readonly id: string
  readonly passing: boolean
  readonly layer: number
  readonly width: number
  readonly above: Place[]
  readonly below: Place[]
  centre: number
}

export function placeInLayers(
  nodes: readonly DrawnNode[],
  links: readonly DrawnLink[],
  { passingWidth }: LayoutOptions,
): Place[][] {
  const layerOf = layersOf(nodes, links)
  const readers = new Map<string, string[]>()
  for (const { from, to } of links) {
    if (!layerOf.has(from) || !layerOf.has(to) || from === to) continue
    readers.set(from, [...(readers.get(from) ?? []), to])
  }
  const layers: Place[][] = []
  const put = (id: string, layer: number, width: number | null): Place => {
    const passing = width === null
    const place: Place = {
      ...{ id, passing, layer, width: width ?? passingWidth, above: [], below: [], centre: 0 },
    }
    while (layers.length <= layer) layers.push([])
    layers[layer]?.push(place)
    return place
  }
  const places = new Map(
    nodes.map((node) => [node.id, put(node.id, layerOf.get(node.id) ?? 0, node.width)]),
  )
  for (const [id, targets] of readers) {
    const start = places.get(id)
    if (start)
      connect(
        start,
        [...new Set(targets)].flatMap((to) => places.get(to) ?? []),
        put,
      )
  }
  return layers
}

/** One line for all readers of a node: it passes through the layers between and branches where they stand. */
function connect(
  start: Place,
  targets: readonly Place[],
  put: (id: string, layer: number, width: null) => Place,
): void {
  const furthest = Math.max(...targets.map((target) => target.layer))
  let line = start
  for (let layer = start.layer + 1; layer <= furthest; layer++) {
    for (const target of targets) if (target.layer === layer) join(line, target)
    if (layer === furthest) break
    const next = put(start.id, layer, null)
    join(line, next)
    line = next
  }
}

function join(upper: Place, lower: Place): void {
  upper.below.push(lower)
  lower.above.push(upper)
}

/** The longest way from a source; a source stands right before its first reader. */
function layersOf(
  nodes: readonly DrawnNode[],
  links: readonly DrawnLink[],
): ReadonlyMap<string, number> {
  const sources = new Map<string, string[]>(nodes.map(({ id }) => [id, []]))
  const readers = new Map<string, string[]>(nodes.map(({ id }) => [id, []]))
  for (const { from, to } of links) {
    if (from === to || !sources.has(from)) continue
    sources.get(to)?.push(from)
    if (sources.has(to)) readers.get(from)?.push(to)
  }
  const layers = new Map<string, number>()
  const waiting = new Map(nodes.map(({ id }) => [id, sources.get(id)?.length ?? 0]))
  const ready = nodes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id)
  for (let at = 0; at < ready.length; at++) {
    const id = ready[at] ?? ''
    const above = (sources.get(id) ?? []).map((source) => layers.get(source) ?? 0)
    layers.set(id, above.length === 0 ? 0 : Math.max(...above) + 1)
    for (const reader of readers.get(id) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1
      waiting.set(reader, left)
      if (left === 0) ready.push(reader)
    }
  }
  for (const { id } of nodes) {
    const below = (readers.get(id) ?? []).flatMap((reader) => layers.get(reader) ?? [])
    if (sources.get(id)?.length === 0 && below.length > 0) layers.set(id, Math.min(...below) - 1)
  }
  return layers
}
