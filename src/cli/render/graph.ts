// The pipeline in a terminal: boxes and lines coloured by what became of each step; a list where the boxes do not fit.
import type { GraphView } from '../../api/contract/pipeline-routes.ts'
import { everyStep, foldGraph, type GraphNode } from '../../build/pipeline/fold-graph.ts'
import { type Cell, graphText } from '../../build/pipeline/graph-text.ts'
import type { Paint } from './paint.ts'
import { columns } from './text.ts'
import { stepSymbol, stepTone } from './words.ts'

export interface GraphOptions {
  readonly paint: Paint
  /** Of the terminal. */
  readonly width: number
  readonly all: boolean
}

export function graphNodes(view: GraphView, { all }: { readonly all: boolean }): GraphNode[] {
  return all ? everyStep(view.steps) : foldGraph(view.steps)
}

export function graphLines(view: GraphView, { paint, width, all }: GraphOptions): string[] {
  const nodes = graphNodes(view, { all })
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const drawn = graphText(nodes, (node) => `${stepSymbol(node.verdict)} ${node.name}`)
  const painted = (text: string, node: string | null) =>
    node === null ? paint.quiet(text) : paint[stepTone(byName.get(node)?.verdict ?? null)](text)
  const lines =
    drawn.width <= width
      ? drawn.lines.map((line) => paintLine(line, painted))
      : listLines(nodes, paint)
  return [...lines, '', legend(view, paint)]
}

function paintLine(
  cells: readonly Cell[],
  painted: (text: string, node: string | null) => string,
): string {
  let line = ''
  for (let start = 0; start < cells.length; ) {
    const node = cells[start]?.node ?? null
    let end = start
    while (end < cells.length && (cells[end]?.node ?? null) === node) end++
    const text = cells
      .slice(start, end)
      .map((cell) => cell.text)
      .join('')
    line += text.trim() === '' ? text : painted(text, node)
    start = end
  }
  return line
}

/** Steps in running order with what they read from. */
function listLines(nodes: readonly GraphNode[], paint: Paint): string[] {
  return columns(
    nodes.map((node) => [
      paint[stepTone(node.verdict)](`${stepSymbol(node.verdict)} ${node.name}`),
      paint.quiet(
        node.after.length === 0 ? ' ' : `← ${node.after.map((edge) => edge.node).join(', ')}`,
      ),
    ]),
  )
}

function legend(view: GraphView, paint: Paint): string {
  if (view.run === null) return paint.quiet('nothing has run yet: lockstep run')
  return paint.quiet(
    `${view.project}, up to run ${view.run}: ✓ done  ✗ failed  ▸ running  - not reached  · never ran`,
  )
}
