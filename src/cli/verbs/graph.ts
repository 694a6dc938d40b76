// `lockstep graph`: the pipeline drawn, with what became of each step in the newest run.
import { resolve } from 'node:path'
import type { GraphView } from '../../api/contract/pipeline-routes.ts'
import type { GraphNode } from '../../build/pipeline/fold-graph.ts'
import { graphMermaid } from '../../build/pipeline/graph-mermaid.ts'
import { graphSvg } from '../../build/pipeline/graph-svg.ts'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import { graphLines, graphNodes } from '../render/graph.ts'
import { took } from '../render/time.ts'
import type { Call, Verb } from '../verb.ts'

export const graph: Verb = {
  options: [
    ['--svg <file>', 'write an SVG picture; - for standard output'],
    ['--mermaid', 'print a Mermaid flowchart'],
    ['--all', 'every step on its own, also those made from one declaration'],
  ],
  notes: 'Where the boxes do not fit the terminal, the steps are listed instead.',
  examples: [
    ['graph', 'in the terminal'],
    ['graph --svg pipeline.svg', 'as a picture, light and dark'],
    ['graph --mermaid >> README.md', 'as text that GitHub and GitLab draw'],
  ],
  run: async (call) => {
    const { args, output } = call
    const { api } = await call.connect('read')
    const view = await api.graph()
    const all = args.flag('all')
    const picture = args.text('svg')
    if (picture !== undefined) return draw(call, { view, picture, all })
    output.document(view)
    if (args.flag('mermaid')) output.print(graphMermaid(graphNodes(view, { all })).trimEnd())
    else output.print(...graphLines(view, { paint: output.paint, width: output.columns, all }))
    return 0
  },
}

async function draw(
  call: Call,
  { view, picture, all }: { view: GraphView; picture: string; all: boolean },
): Promise<number> {
  const svg = graphSvg(graphNodes(view, { all }), {
    title: `${view.project} pipeline`,
    model: view.model,
    note: (node) => noteOf(view, node),
  })
  if (picture === '-') {
    call.world.stdout.write(svg)
    return 0
  }
  const path = resolve(call.world.cwd, picture)
  await writeFileAtomically(path, svg)
  call.output.document({ file: path, bytes: Buffer.byteLength(svg) })
  call.output.print(`wrote ${picture}`)
  return 0
}

/** `about 20 s`, of a folded node for each of its steps. */
function noteOf(view: GraphView, node: GraphNode): string {
  const step = view.steps.find(
    (one) => one.name === node.name || node.name === `${one.declaredAs} ×${node.steps}`,
  )
  if (!step || step.expectedMs === null) return node.verdict === null ? 'never ran' : ''
  return `about ${took(step.expectedMs)}${node.steps > 1 ? ' each' : ''}`
}
