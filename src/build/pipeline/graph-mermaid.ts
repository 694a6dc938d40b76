// A pipeline as a Mermaid flowchart, for a README or a merge request. Pure.
import type { GraphNode } from './fold-graph.ts'

export function graphMermaid(nodes: readonly GraphNode[]): string {
  const ids = new Map(nodes.map((node, index) => [node.name, `s${index + 1}`]))
  const boxes = nodes.map((node) => `  ${ids.get(node.name)}["${quoted(node.name)}"]`)
  const lines = nodes.flatMap((node) =>
    node.after.map(({ node: source, files }) => {
      const [first] = files
      const more = files.length > 1 ? ` +${files.length - 1}` : ''
      const label = first === undefined ? '' : `|"${quoted(first + more)}"|`
      return `  ${ids.get(source)} -->${label} ${ids.get(node.name)}`
    }),
  )
  return ['flowchart LR', ...boxes, ...lines, ''].join('\n')
}

function quoted(text: string): string {
  return text.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;')
}
