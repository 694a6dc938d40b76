// A pipeline drawn with box-drawing characters, top to bottom. A line that goes over another passes it; only lines of one
// step join. Pure: characters come with a tone, so that the caller colours them.
import { type DrawnLayout, layOutGraph, type Slot } from './draw-graph.ts'
import type { GraphNode } from './fold-graph.ts'

export interface Cell {
  readonly text: string
  /** The node whose label it is part of; null for lines. */
  readonly node: string | null
}

export interface TextGraph {
  readonly lines: readonly (readonly Cell[])[]
  readonly width: number
}

/** @param label what stands in a node's box. */
export function graphText(
  nodes: readonly GraphNode[],
  label: (node: GraphNode) => string,
): TextGraph {
  const labels = new Map(nodes.map((node) => [node.name, label(node)]))
  const links = nodes.flatMap((node) =>
    node.after.map((edge) => ({ from: edge.node, to: node.name })),
  )
  const boxes = nodes.map((node) => {
    const text = [...(labels.get(node.name) ?? '')].length
    return { id: node.name, width: Math.max(text + 4, 3 * node.after.length + 2) }
  })
  const layout = layOutGraph(boxes, links, { gap: 2, passingWidth: 3 })
  const canvas = createCanvas(layout.width)
  for (const [index, layer] of layout.layers.entries()) {
    const nets = netsAbove(layout, index)
    drawChannel(canvas, nets)
    drawLayer(canvas, { layer, nets, labels, isLast: index === layout.layers.length - 1, layout })
  }
  return { lines: canvas.lines(), width: layout.width }
}

interface Net {
  readonly exit: number
  readonly ends: readonly { readonly column: number; readonly slot: Slot }[]
}

/** The lines that arrive at a layer, one per source; each end has a column that no other line uses. */
function netsAbove(layout: DrawnLayout, layer: number): Net[] {
  const wires = layout.wires.filter((wire) => wire.to.layer === layer)
  const sources = [...new Set(wires.map((wire) => wire.from))].sort((a, b) => a.at - b.at)
  const exits = new Map(sources.map((slot) => [slot, centreOf(slot)]))
  const columns = new Map<Slot, Map<Slot, number>>()
  for (const slot of layout.layers[layer] ?? []) {
    const from = sources.filter((source) =>
      wires.some((wire) => wire.from === source && wire.to === slot),
    )
    columns.set(slot, entryColumns(slot, from, exits))
  }
  return sources.map((source) => ({
    exit: exits.get(source) ?? 0,
    ends: [...columns].flatMap(([slot, bySource]) => {
      const column = bySource.get(source)
      return column === undefined ? [] : [{ column, slot }]
    }),
  }))
}

function entryColumns(
  slot: Slot,
  sources: readonly Slot[],
  exits: ReadonlyMap<Slot, number>,
): Map<Slot, number> {
  const columns = new Map<Slot, number>()
  const first = slot.passing ? slot.at : slot.at + 1
  const last = slot.passing ? slot.at + slot.width - 1 : slot.at + slot.width - 2
  for (const [index, source] of sources.entries()) {
    const straight = exits.get(source) ?? 0
    const even = slot.at + Math.floor(((index + 1) * slot.width) / (sources.length + 1))
    const wish = sources.length === 1 && straight >= first && straight <= last ? straight : even
    const others = new Set(
      [...exits].filter(([other]) => other !== source).map(([, column]) => column),
    )
    const taken = new Set(columns.values())
    const isFree = (column: number) =>
      column >= first && column <= last && !others.has(column) && !taken.has(column)
    const choices = Array.from({ length: slot.width }, (_, by) => [wish + by, wish - by]).flat()
    columns.set(source, choices.find(isFree) ?? wish)
  }
  return columns
}

type Canvas = ReturnType<typeof createCanvas>

function createCanvas(width: number) {
  const rows: Cell[][] = []
  const blank: Cell = { text: ' ', node: null }
  return {
    addRows(count: number): number {
      const first = rows.length
      for (let i = 0; i < count; i++) rows.push(new Array<Cell>(width).fill(blank))
      return first
    },
    at: (row: number, column: number) => rows[row]?.[column]?.text ?? ' ',
    put(row: number, column: number, text: string, node: string | null = null) {
      const cells = rows[row]
      if (!cells) return
      for (const [index, char] of [...text].entries()) cells[column + index] = { text: char, node }
    },
    lines: () => rows.map(trimmed),
  }
}

function trimmed(row: readonly Cell[]): readonly Cell[] {
  const last = row.findLastIndex((cell) => cell.text !== ' ')
  return row.slice(0, last + 1)
}

/** Between two layers: every line that bends has a row of its own there, shared only with lines it does not meet. */
function drawChannel(canvas: Canvas, nets: readonly Net[]): void {
  if (nets.length === 0) return
  const rowOf = new Map<Net, number>()
  const tracks: number[] = []
  const bent = nets.filter((net) => net.ends.some((end) => end.column !== net.exit))
  for (const net of [...bent].sort((a, b) => leftOf(a) - leftOf(b))) {
    const free = tracks.findIndex((end) => end + 1 < leftOf(net))
    const track = free < 0 ? tracks.length : free
    tracks[track] = rightOf(net)
    rowOf.set(net, track)
  }
  const first = canvas.addRows(tracks.length + 1)
  const arrows = first + tracks.length
  for (const [net, track] of rowOf) {
    for (let column = leftOf(net); column <= rightOf(net); column++)
      canvas.put(first + track, column, '─')
  }
  for (const net of nets) {
    const track = rowOf.get(net)
    const bend = track === undefined ? null : first + track
    for (let row = first; row < (bend ?? arrows); row++) canvas.put(row, net.exit, '│')
    for (const { column } of net.ends)
      for (let row = bend === null ? first : bend + 1; row < arrows; row++)
        canvas.put(row, column, '│')
    if (bend !== null) drawJunctions(canvas, net, bend)
    for (const { column, slot } of net.ends) canvas.put(arrows, column, slot.passing ? '│' : '▼')
  }
}

function drawJunctions(canvas: Canvas, net: Net, row: number): void {
  const ends = new Set(net.ends.map((end) => end.column))
  for (const column of new Set([net.exit, ...ends])) {
    const up = column === net.exit ? 1 : 0
    const down = ends.has(column) ? 2 : 0
    const left = column > leftOf(net) ? 4 : 0
    const right = column < rightOf(net) ? 8 : 0
    canvas.put(row, column, junctions[up | down | left | right] ?? '│')
  }
}

/** By the sides that are connected: 1 up, 2 down, 4 left, 8 right. */
const junctions: Readonly<Record<number, string>> = {
  ...{ 3: '│', 5: '╯', 6: '╮', 7: '┤', 9: '╰', 10: '╭', 11: '├', 12: '─' },
  ...{ 13: '┴', 14: '┬', 15: '┼' },
}

function drawLayer(
  canvas: Canvas,
  scene: {
    readonly layer: readonly Slot[]
    readonly nets: readonly Net[]
    readonly labels: ReadonlyMap<string, string>
    readonly isLast: boolean
    readonly layout: DrawnLayout
  },
): void {
  const top = canvas.addRows(3)
  for (const slot of scene.layer) {
    const exit = centreOf(slot)
    if (slot.passing) {
      const entry = scene.nets.flatMap((net) => net.ends).find((end) => end.slot === slot)?.column
      drawPassing(canvas, top, entry ?? exit, exit)
      continue
    }
    const label = scene.labels.get(slot.id) ?? ''
    const inner = slot.width - 2
    const hasReaders = scene.layout.wires.some((wire) => wire.from === slot)
    canvas.put(top, slot.at, `╭${'─'.repeat(inner)}╮`)
    canvas.put(top + 1, slot.at, `│${' '.repeat(inner)}│`)
    const room = inner - [...label].length
    canvas.put(top + 1, slot.at + 1 + Math.floor(room / 2), label, slot.id)
    canvas.put(top + 2, slot.at, `╰${'─'.repeat(inner)}╯`)
    if (hasReaders) canvas.put(top + 2, exit, '┬')
  }
}

function drawPassing(canvas: Canvas, top: number, entry: number, exit: number): void {
  canvas.put(top, entry, '│')
  if (entry === exit) canvas.put(top + 1, exit, '│')
  else {
    canvas.put(top + 1, entry, exit > entry ? '╰' : '╯')
    for (let column = Math.min(entry, exit) + 1; column < Math.max(entry, exit); column++)
      canvas.put(top + 1, column, '─')
    canvas.put(top + 1, exit, exit > entry ? '╮' : '╭')
  }
  canvas.put(top + 2, exit, '│')
}

function centreOf(slot: Slot): number {
  return slot.at + Math.floor(slot.width / 2)
}

function leftOf(net: Net): number {
  return Math.min(net.exit, ...net.ends.map((end) => end.column))
}

function rightOf(net: Net): number {
  return Math.max(net.exit, ...net.ends.map((end) => end.column))
}
