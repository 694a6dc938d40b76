// Lays a graph out in layers, sources first: who stands where, with few crossings and no overlaps. Pure; units are the
// caller's, characters for a terminal or pixels for a picture.
import {
  type DrawnLink,
  type DrawnNode,
  type LayoutOptions,
  type Place,
  placeInLayers,
} from './graph-layers.ts'

/** A place in a layer: a node, or the line of a node that has readers further on. */
export interface Slot {
  /** The node; of a passing line the node it comes from. */
  readonly id: string
  readonly passing: boolean
  readonly layer: number
  /** Its first unit along the layer, from 0. */
  readonly at: number
  readonly width: number
}

export interface Wire {
  readonly from: Slot
  /** In the next layer. */
  readonly to: Slot
}

export interface DrawnLayout {
  /** Each from left to right. */
  readonly layers: readonly (readonly Slot[])[]
  readonly wires: readonly Wire[]
  readonly width: number
}

const sweeps = 12

/** @param links without circles; those to or from unknown nodes are left out. */
export function layOutGraph(
  nodes: readonly DrawnNode[],
  links: readonly DrawnLink[],
  options: LayoutOptions,
): DrawnLayout {
  const layers = reduceCrossings(placeInLayers(nodes, links, options))
  spread(layers, options.gap)
  return settle(layers, options.gap)
}

/** Sorts each layer by where its neighbours stand, to and fro, and keeps the best order seen. */
function reduceCrossings(layers: Place[][]): Place[][] {
  let best = layers.map((layer) => [...layer])
  let fewest = crossings(best)
  const current = best.map((layer) => [...layer])
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const downwards = sweep % 2 === 0
    const order = downwards ? current.keys() : [...current.keys()].reverse()
    for (const index of order) sortLayer(current[index] ?? [], current, downwards)
    const count = crossings(current)
    if (count >= fewest) continue
    fewest = count
    best = current.map((layer) => [...layer])
  }
  return best
}

function sortLayer(layer: Place[], layers: readonly Place[][], downwards: boolean): void {
  const first = layer[0]
  if (!first) return
  const beside = layers[first.layer + (downwards ? -1 : 1)] ?? []
  const position = new Map(beside.map((place, index) => [place, index]))
  const wish = new Map(
    layer.map((place, index) => {
      const neighbours = downwards ? place.above : place.below
      const at = neighbours.map((one) => position.get(one) ?? 0)
      return [place, at.length === 0 ? index : mean(at)]
    }),
  )
  layer.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0))
}

function crossings(layers: readonly (readonly Place[])[]): number {
  return layers.reduce(
    (sum, layer, index) => sum + crossingsBelow(layer, layers[index + 1] ?? []),
    0,
  )
}

/** Inversions among the wires in order, counted with a binary indexed tree. */
function crossingsBelow(upper: readonly Place[], lower: readonly Place[]): number {
  const position = new Map(lower.map((place, index) => [place, index]))
  const tree = new Array<number>(lower.length + 1).fill(0)
  let seen = 0
  let count = 0
  for (const place of upper) {
    const ends = place.below.map((one) => position.get(one) ?? 0).sort((a, b) => a - b)
    for (const end of ends) {
      let notRight = 0
      for (let at = end + 1; at > 0; at -= at & -at) notRight += tree[at] ?? 0
      count += seen - notRight
    }
    for (const end of ends) {
      seen += 1
      for (let at = end + 1; at <= lower.length; at += at & -at) tree[at] = (tree[at] ?? 0) + 1
    }
  }
  return count
}

const spreads = 30

/** Moves each place towards its neighbours, first those on one side, at last on both. */
function spread(layers: readonly (readonly Place[])[], gap: number): void {
  for (const layer of layers) arrange(layer, gap, () => 0)
  for (let round = 0; round < spreads; round++) {
    const both = round >= spreads / 2
    const downwards = round % 2 === 0
    for (const layer of downwards ? layers : [...layers].reverse()) {
      arrange(layer, gap, (place) => {
        const near = both ? [...place.above, ...place.below] : downwards ? place.above : place.below
        // A line that passes stays straight rather than half-way between its ends.
        const passing = place.passing ? near.filter((one) => one.passing) : []
        const pulling = passing.length > 0 ? passing : near
        return pulling.length === 0 ? place.centre : mean(pulling.map((one) => one.centre))
      })
    }
  }
}

interface Block {
  wish: number
  weight: number
  readonly places: Place[]
}

/** The closest centres to those wished for that keep order and distance: isotonic regression by pooling neighbours. */
function arrange(layer: readonly Place[], gap: number, wishOf: (place: Place) => number): void {
  const offsets = offsetsOf(layer, gap)
  const blocks: Block[] = []
  for (const [index, place] of layer.entries()) {
    const weight = place.passing ? 4 : 1
    let block: Block = { wish: wishOf(place) - (offsets[index] ?? 0), weight, places: [place] }
    for (let last = blocks.at(-1); last && last.wish > block.wish; last = blocks.at(-1)) {
      blocks.pop()
      const both = last.weight + block.weight
      const wish = (last.wish * last.weight + block.wish * block.weight) / both
      block = { wish, weight: both, places: [...last.places, ...block.places] }
    }
    blocks.push(block)
  }
  let index = 0
  for (const block of blocks) {
    for (const place of block.places) {
      place.centre = block.wish + (offsets[index] ?? 0)
      index += 1
    }
  }
}

/** Of each place the least distance of its centre from the first one's. */
function offsetsOf(layer: readonly Place[], gap: number): number[] {
  let sum = 0
  return layer.map((place, index) => {
    const before = layer[index - 1]
    if (before) sum += (before.width + place.width) / 2 + gap
    return sum
  })
}

/** Whole units, the leftmost at 0. */
function settle(layers: readonly (readonly Place[])[], gap: number): DrawnLayout {
  const starts = new Map<Place, number>()
  for (const layer of layers) {
    let free = Number.NEGATIVE_INFINITY
    for (const place of layer) {
      const at = Math.max(Math.round(place.centre - place.width / 2), free)
      starts.set(place, at)
      free = at + place.width + gap
    }
  }
  const base = starts.size === 0 ? 0 : Math.min(...starts.values())
  const slots = new Map<Place, Slot>()
  for (const [place, at] of starts) {
    const { id, passing, layer, width } = place
    slots.set(place, { id, passing, layer, width, at: at - base })
  }
  const slotOf = (place: Place) => slots.get(place)
  const wires = [...slots].flatMap(([place, from]) =>
    place.below.flatMap((lower) => {
      const to = slotOf(lower)
      return to ? [{ from, to }] : []
    }),
  )
  return {
    layers: layers.map((layer) => layer.flatMap((place) => slotOf(place) ?? [])),
    wires,
    width: Math.max(0, ...[...slots.values()].map((slot) => slot.at + slot.width)),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
