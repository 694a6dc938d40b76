// A pipeline as one self-contained SVG: steps as cards, the files between them as labels on the lines, left to right.
// Light and dark follow the reader's system. Pure.
import { type DrawnLayout, layOutGraph, type Slot, type Wire } from './draw-graph.ts'
import type { GraphNode } from './fold-graph.ts'
import { graphStyle } from './graph-style.ts'

export interface SvgOptions {
  readonly title: string
  /** The output that is the model. */
  readonly model: string
  /** A second line in a step's card, such as how long it takes. */
  readonly note: (node: GraphNode) => string
}

interface Card {
  readonly id: string
  readonly kind: 'step' | 'file'
  readonly text: string
  readonly note: string
  readonly title: string
  readonly tone: string
  readonly wide: number
  readonly high: number
}

const margin = 28
const layerGap = 52
const titleHeight = 34

export function graphSvg(nodes: readonly GraphNode[], options: SvgOptions): string {
  const { cards, links } = cardsOf(nodes, options)
  const layout = layOutGraph(
    [...cards.values()].map(({ id, high }) => ({ id, width: high })),
    links,
    { gap: 16, passingWidth: 10 },
  )
  const columns = columnsOf(layout, cards)
  const width = Math.max(240, (columns.at(-1)?.end ?? 0) + 2 * margin)
  const height = layout.width + 2 * margin + titleHeight
  const place = (slot: Slot): Box => placeOf(slot, cards.get(slot.id), columns)
  const wires = layout.wires.map((wire) => wirePath(wire, place))
  const boxes = layout.layers
    .flat()
    .filter((slot) => !slot.passing)
    .flatMap((slot) => {
      const card = cards.get(slot.id)
      return card ? [cardElement(card, place(slot))] : []
    })
  const passing = layout.layers
    .flat()
    .filter((slot) => slot.passing)
    .map((slot) => straight(place(slot)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(options.title)}">`,
    `<title>${escaped(options.title)}</title>`,
    `<style>${graphStyle}</style>`,
    `<rect class="paper" width="100%" height="100%" rx="12"/>`,
    `<text class="title" x="${margin}" y="${margin + 8}">${escaped(options.title)}</text>`,
    `<g class="wires">${[...wires, ...passing].join('')}</g>`,
    ...boxes,
    '</svg>',
    '',
  ].join('\n')
}

function cardsOf(
  nodes: readonly GraphNode[],
  options: SvgOptions,
): { cards: Map<string, Card>; links: { from: string; to: string }[] } {
  const cards = new Map<string, Card>()
  const links: { from: string; to: string }[] = []
  for (const node of nodes) {
    const id = `step ${node.name}`
    const note = options.note(node)
    const wide = Math.round(Math.max(96, textWidth(node.name, 7.7) + 54, textWidth(note, 6.2) + 54))
    const title = `${node.name}${node.verdict === null ? ': never ran' : `: ${node.verdict.replace('_', ' ')}`}`
    const size = { wide, high: note === '' ? 40 : 52 }
    cards.set(id, {
      ...{ id, kind: 'step', text: node.name, note, title, tone: node.verdict ?? 'never' },
      ...size,
    })
  }
  for (const group of fileGroups(nodes)) {
    const id = `file ${group.from} ${group.files.join('\n')}`
    const text = fileLabel(group.files)
    const tone = group.files.includes(options.model) ? 'model' : 'file'
    const wide = Math.round(textWidth(text, 6.3) + 22)
    const title = group.files.join('\n')
    cards.set(id, { id, kind: 'file', text, note: '', title, tone, wide, high: 24 })
    links.push({ from: `step ${group.from}`, to: id })
    for (const reader of group.readers) links.push({ from: id, to: `step ${reader}` })
  }
  return { cards, links }
}

interface FileGroup {
  readonly from: string
  readonly files: string[]
  readonly readers: readonly string[]
}

/** Files of one step that the same steps read stand together. */
function fileGroups(nodes: readonly GraphNode[]): FileGroup[] {
  const groups = new Map<string, FileGroup>()
  for (const { name: from, outputs } of nodes) {
    for (const file of outputs) {
      const readers = nodes
        .filter((node) =>
          node.after.some((edge) => edge.node === from && edge.files.includes(file)),
        )
        .map((node) => node.name)
      const key = JSON.stringify([from, readers])
      const group = groups.get(key)
      if (group) group.files.push(file)
      else groups.set(key, { from, files: [file], readers })
    }
  }
  return [...groups.values()]
}

function fileLabel(files: readonly string[]): string {
  const [first = ''] = files
  const short = first.length > 28 ? `…${first.slice(-27)}` : first
  return files.length === 1 ? short : `${short} +${files.length - 1}`
}

interface Column {
  readonly start: number
  readonly end: number
}

function columnsOf(layout: DrawnLayout, cards: ReadonlyMap<string, Card>): Column[] {
  let start = 0
  return layout.layers.map((layer) => {
    const widths = layer.map((slot) => (slot.passing ? 0 : (cards.get(slot.id)?.wide ?? 0)))
    const end = start + Math.max(0, ...widths)
    const column = { start, end }
    start = end + layerGap
    return column
  })
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly middle: number
}

/** Cards stand in the middle of their column; lines that pass go all the way through it. */
function placeOf(slot: Slot, card: Card | undefined, columns: readonly Column[]): Box {
  const { start, end } = columns[slot.layer] ?? { start: 0, end: 0 }
  const wide = slot.passing ? end - start : (card?.wide ?? 0)
  const left = margin + start + (end - start - wide) / 2
  const top = margin + titleHeight + slot.at
  return { left, right: left + wide, top, middle: top + slot.width / 2 }
}

function wirePath({ from, to }: Wire, place: (slot: Slot) => Box): string {
  const a = place(from)
  const b = place(to)
  const bend = (b.left - a.right) / 2
  const arrow = to.passing ? '' : ' class="arrow"'
  const path = `M${a.right} ${a.middle}C${a.right + bend} ${a.middle} ${b.left - bend} ${b.middle} ${b.left} ${b.middle}`
  const tip = to.passing
    ? ''
    : `M${b.left - 6} ${b.middle - 4}L${b.left} ${b.middle}L${b.left - 6} ${b.middle + 4}`
  return `<path${arrow} d="${path}${to.id.startsWith('file ') ? '' : tip}"/>`
}

function straight(box: Box): string {
  return `<path d="M${box.left} ${box.middle}H${box.right}"/>`
}

function cardElement(card: Card, { left, top }: Box): string {
  const { kind, tone, text, note, wide, high, title } = card
  const hint = `<title>${escaped(title)}</title>`
  const place = `transform="translate(${left} ${top})"`
  if (kind === 'file') {
    return `<g class="file ${tone}" ${place}>${hint}<rect width="${wide}" height="${high}" rx="12"/><text x="${wide / 2}" y="16">${escaped(text)}</text></g>`
  }
  const line = note === '' ? '' : `<text class="note" x="34" y="39">${escaped(note)}</text>`
  const middle = note === '' ? 25 : 22
  return `<g class="step ${tone}" ${place}>${hint}<rect width="${wide}" height="${high}" rx="9"/><circle cx="19" cy="${middle - 4.5}" r="5"/><text x="34" y="${middle}">${escaped(text)}</text>${line}</g>`
}

function textWidth(text: string, perCharacter: number): number {
  return [...text].length * perCharacter
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
