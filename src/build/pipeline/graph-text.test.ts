import { describe, expect, test } from 'vitest'
import { type DrawableStep, everyStep, foldGraph, type GraphNode } from './fold-graph.ts'
import { graphMermaid } from './graph-mermaid.ts'
import { graphSvg } from './graph-svg.ts'
import { graphText } from './graph-text.ts'
import { churnPipeline } from './sample-graph.ts'

function drawn(nodes: readonly GraphNode[]): string {
  const { lines } = graphText(nodes, (node) => node.name)
  return `\n${lines.map((line) => line.map((cell) => cell.text).join('')).join('\n')}\n`
}

describe('in a terminal', () => {
  test('a chain is a straight line', () => {
    const chain = churnPipeline.slice(0, 2)
    expect(drawn(foldGraph(chain))).toBe(`
╭───────╮
│ fetch │
╰───┬───╯
    ▼
╭───────╮
│ clean │
╰───────╯
`)
  })

  test('steps of one declaration are one box; a line that goes further passes the boxes between', () => {
    expect(drawn(foldGraph(churnPipeline))).toMatchSnapshot()
  })

  test('with every step, lines of different steps cross without touching', () => {
    const text = drawn(everyStep(churnPipeline))
    expect(text).toMatchSnapshot()
    expect(text).toContain('─│─')
  })

  test('each label belongs to its node, for the colours', () => {
    const { lines } = graphText(foldGraph(churnPipeline), (node) => `* ${node.name}`)
    const labels = new Map<string, string>()
    for (const { node, text } of lines.flat())
      if (node !== null) labels.set(node, (labels.get(node) ?? '') + text)
    expect(labels.get('train ×5')).toBe('* train ×5')
    expect([...labels.keys()]).toHaveLength(7)
  })
})

describe('folding', () => {
  test('the worst verdict of its steps is the verdict of a box; files are gathered', () => {
    const train = foldGraph(churnPipeline).find((node) => node.name === 'train ×5')
    expect(train).toMatchObject({ steps: 5, verdict: 'failed' })
    expect(train?.outputs).toHaveLength(5)
    expect(train?.after.map((edge) => edge.node)).toEqual(['split', 'features'])
  })

  test('where one box would read from itself round a corner, every step stands for itself', () => {
    const step = (name: string, sources: string[]): DrawableStep => ({
      ...{ name, declaredAs: name.replace(/@.*/, ''), outputs: [], verdict: null },
      after: sources.map((source) => ({ step: source, files: [] })),
    })
    const zigzag = [step('a@1', []), step('b@1', ['a@1']), step('a@2', ['b@1']), step('b@2', [])]
    expect(foldGraph(zigzag).map((node) => node.name)).toEqual(['a@1', 'b@1', 'a@2', 'b@2'])
  })
})

describe('as a picture', () => {
  const svg = graphSvg(foldGraph(churnPipeline), {
    title: 'churn <pipeline>',
    model: 'model.onnx',
    note: (node) => (node.verdict === null ? 'never ran' : ''),
  })

  test('it is one document that needs nothing else, in light and dark', () => {
    expect(svg).toContain('@media (prefers-color-scheme:dark)')
    expect(svg).not.toMatch(/href|url\(|<script|@import/)
    expect(svg).toContain('churn &lt;pipeline&gt;')
  })

  test('every step is a card and every file a label; the model stands out', () => {
    expect(svg.match(/class="step /g)).toHaveLength(7)
    expect(svg).toContain('class="file model"')
    expect(svg).toContain('models/1.onnx +4')
    expect(svg).toContain('class="step failed"')
  })

  test('every element is closed', () => {
    const opened = svg.match(/<(?:svg|g|text|title|style)[ >]/g)?.length
    expect(svg.match(/<\/(?:svg|g|text|title|style)>/g)).toHaveLength(opened ?? 0)
  })
})

test('as Mermaid, with the first file on each line', () => {
  expect(graphMermaid(foldGraph(churnPipeline.slice(0, 3)))).toBe(
    [
      'flowchart LR',
      '  s1["fetch"]',
      '  s2["clean"]',
      '  s3["split"]',
      '  s1 -->|"raw.csv"| s2',
      '  s2 -->|"clean.parquet"| s3',
      '',
    ].join('\n'),
  )
})
