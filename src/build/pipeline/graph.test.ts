import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { PipelineGraph } from './graph.ts'
import { buildGraph, selectTargets } from './graph.ts'
import { aStep } from './test-steps.ts'

const validate = aStep('validate', { inputs: ['data/raw.csv'], outputs: ['data/clean.csv'] })
const train = aStep('train', { inputs: ['./data/clean.csv'], outputs: ['model/'] })
const evaluate = aStep('evaluate', {
  inputs: ['model/model.onnx', 'data/clean.csv'],
  outputs: ['metrics.json'],
})

function graphOf(steps: readonly StepSpec[]): PipelineGraph {
  const graph = buildGraph(steps)
  if ('problems' in graph) throw new Error(graph.problems.map((one) => one.because).join('\n'))
  return graph
}

function problemsOf(steps: readonly StepSpec[]): string[] {
  const graph = buildGraph(steps)
  return 'problems' in graph ? graph.problems.map((one) => one.because) : []
}

describe('the pipeline graph', () => {
  it('runs a step after those whose outputs it reads, whatever the declared order', () => {
    const graph = graphOf([evaluate, train, validate])
    expect(graph.steps.map((step) => step.name)).toEqual(['validate', 'train', 'evaluate'])
    expect(graph.upstream.get('evaluate')).toEqual(['train', 'validate'])
    expect(graph.downstream.get('validate')).toEqual(['evaluate', 'train'])
  })

  it('sees an output inside an input folder, a file inside an output folder, and a glob', () => {
    const report = aStep('report', { inputs: ['data'] })
    const plot = aStep('plot', { inputs: ['model/*.png'] })
    const graph = graphOf([validate, train, report, plot])
    expect(graph.upstream.get('report')).toEqual(['validate'])
    expect(graph.upstream.get('plot')).toEqual(['train'])
  })

  it('names the whole circle and the paths that close it', () => {
    const a = aStep('a', { inputs: ['z'], outputs: ['x'] })
    const b = aStep('b', { inputs: ['x'], outputs: ['y'] })
    const c = aStep('c', { inputs: ['y'], outputs: ['z'] })
    const [sentence = ''] = problemsOf([a, b, c, aStep('d', { inputs: ['z'] })])
    expect(sentence).toContain('b → c → a → b')
    expect(sentence).toContain('c reads y from b')
    expect(problemsOf([aStep('self', { inputs: ['*.txt'], outputs: ['a.txt'] })])).toEqual([
      'step self reads its own output: self reads a.txt from self',
    ])
  })

  it('refuses two writers of one path, and an output inside another output', () => {
    const again = aStep('again', { outputs: ['model'] })
    expect(problemsOf([train, again])).toEqual(['steps train and again both write model'])
    const inside = aStep('inside', { outputs: ['model/extra.txt'] })
    expect(problemsOf([train, inside])[0]).toContain('model/extra.txt inside model, an output of')
  })

  it('refuses paths that leave the project, and reports every problem at once', () => {
    const bad = aStep('bad', {
      command: { argv: [] },
      inputs: ['../secret', '/etc/passwd'],
      outputs: ['a/../../b', '.lockstep/objects', 'out/*.csv'],
      params: [{ file: 'settings.ini', key: 'a' }],
      environment: { 'A B': '', LOCKSTEP_SEED: '1' },
    })
    expect(problemsOf([bad, bad])).toContain('two steps are named bad; names must differ')
    expect(problemsOf([bad])).toMatchInlineSnapshot(`
      [
        "step bad: it has no command; declare argv or shell",
        "step bad: "A B" is not the name of an environment variable",
        "step bad: LOCKSTEP_SEED is reserved; names with LOCKSTEP_ are set by Lockstep",
        "step bad: a/../../b leaves its folder with '..'; only paths inside are allowed",
        "step bad: output .lockstep/objects is a folder Lockstep or git own",
        "step bad: output out/*.csv is a glob; name files or folders",
        "step bad: parameters come from .yaml, .yml, .json or .toml, but settings.ini is none of them",
        "step bad: ../secret leaves its folder with '..'; only paths inside are allowed",
        "step bad: /etc/passwd is absolute; write it relative to the project folder",
      ]
    `)
  })

  it('selects a step with everything it needs, and helps with a mistyped name', () => {
    const graph = graphOf([validate, train, evaluate])
    const chosen = selectTargets(graph, ['train'])
    expect(isRefusal(chosen) ? [] : chosen.map((step) => step.name)).toEqual(['validate', 'train'])
    expect(selectTargets(graph, ['trian'])).toMatchObject({
      because: expect.stringContaining('did you mean train?'),
    })
  })

  it('orders any acyclic pipeline so that nothing precedes its upstream', () => {
    const pipelines = fc
      .array(fc.array(fc.nat(30), { maxLength: 4 }), { maxLength: 30 })
      .map((reads) =>
        reads.map((sources, index) =>
          aStep(`s${index}`, {
            inputs: sources.filter((source) => source < index).map((source) => `out/${source}/f`),
            outputs: [`out/${index}`],
          }),
        ),
      )
    fc.assert(
      fc.property(pipelines, fc.infiniteStream(fc.nat()), (steps, noise) => {
        const shuffled = [...steps].sort(() => ((noise.next().value ?? 0) % 2 === 0 ? 1 : -1))
        const graph = graphOf(shuffled)
        const place = new Map(graph.steps.map((step, index) => [step.name, index]))
        for (const [name, sources] of graph.upstream) {
          for (const source of sources) {
            expect(place.get(source)).toBeLessThan(place.get(name) ?? -1)
          }
        }
        expect(graph.steps).toHaveLength(steps.length)
      }),
    )
  })
})
