// lockstep.yaml as people get it wrong: every problem at once, at its place, with what was probably meant.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseProject } from './parse-project.ts'
import { renderProblems } from './problems.ts'
import type { ProjectSpec } from './project-spec.ts'
import { smallProject } from './sample-project.ts'

function specOf(text: string): ProjectSpec {
  const { spec, problems } = parseProject(text)
  if (!spec) throw new Error(renderProblems('lockstep.yaml', text, problems))
  return spec
}

function messages(text: string): string[] {
  return parseProject(text).problems.map(
    ({ message, hint }) => `${message}${hint ? ` (${hint})` : ''}`,
  )
}

const misspelt = `version: 1
project: Income
model: {name: income, artifact: model.onx}
pipelin:
  train: {run: "python train.py", outputs: [model.onnx]}
pipeline:
  train:
    run: python train.py
    outputs: model.onnx
    timout: 5m
evaluate: {label: y, data: holdout.csv, threshold: 1.5}
environments:
  staging: {port: 80800, delivery: automatc}
  production:
    port: 8080
    delivery: manual
    strategy: {canary: {steps: [10, 50%], hodl: 2s}}
    analysis: {on_insufficient: wait}
monitors:
  drift: {drift: {environment: production, min_rows: 10}}
triggers:
  retrain: {on: {alrt: drift}}
`

const pointing = `version: 1
project: income
model: {name: income, artifact: model.onx}
pipeline:
  train: {run: "python 'train.py", outputs: [model.onnx]}
evaluate: {label: y, data: holdot}
data:
  holdout: {path: holdout.csv, checks: [{a: {}, b: {}}]}
environments:
  staging: {port: 7070, delivery: automatic, after: production}
  production:
    port: 8080
    after: stagin
    delivery: manual
    strategy: {canary: {steps: [50%, 10%]}}
    freezes: [{from: "2026-01-02T00:00:00Z", until: "2026-01-01T00:00:00Z", because: x}]
  eu: {port: 8080, delivery: manual, after: us}
  us: {port: 8082, delivery: manual, after: eu}
monitors:
  drift: {drift: {environment: prod}}
triggers:
  retrain: {on: {alert: drfit}}
  nightly: {on: {schedule: "99 * * * *"}}
  lunar: {on: {schedule: "0 3 * * *", time_zone: Mars/Phobos}}
`

test.each([
  ['misspelt', misspelt],
  ['pointing nowhere', pointing],
])('a project %s is told all of it at once, with line, column and caret', async (name, text) => {
  const { problems } = parseProject(text)
  await expect(`${renderProblems('lockstep.yaml', text, problems)}\n`).toMatchFileSnapshot(
    `./golden/${name.replace(' ', '-')}.txt`,
  )
})

describe('what is no project at all', () => {
  test.each([
    ['an empty file', '', 'version: is required and missing'],
    ['a list', '- a', 'lockstep.yaml: must be a map'],
    ['a sentence', 'hello', 'lockstep.yaml: must be a map; found "hello"'],
    ['broken YAML', 'a: b: c', 'Nested mappings are not allowed in compact mappings'],
    ['a key given twice', `${smallProject}version: 1`, 'Map keys must be unique'],
    ['two documents', 'a: 1\n---\nb: 2', 'Source contains multiple documents'],
    ['an alias without anchor', 'a: *nobody', 'Unresolved alias'],
    ['a later version', smallProject.replace('version: 1', 'version: 2'), 'version: must be 1'],
  ])('%s', (_, text, sentence) => {
    expect(messages(text).join('\n')).toContain(sentence)
  })

  test('a heap of aliases made to explode is refused', () => {
    const level = (name: string, of: string) =>
      `${name}: &${name} [${Array(9).fill(`*${of}`).join()}]`
    const text = `a: &a [x,x,x,x,x,x,x,x,x]\n${level('b', 'a')}\n${level('c', 'b')}\n${level('d', 'c')}`
    expect(messages(text)).toEqual(['Excessive alias count indicates a resource exhaustion attack'])
  })

  test('a key every object inherits is as unknown as any other', () => {
    expect(messages(`${smallProject}__proto__: {a: 1}`).join()).toContain("unknown key '__proto__'")
    expect(messages(`${smallProject}toString: 1`).join()).toContain("unknown key 'toString'")
  })
})

describe('a union is explained by the branch that came nearest', () => {
  const withStrategy = (strategy: string) =>
    smallProject.replace('automatic}', `automatic, strategy: ${strategy}}`)
  test.each([
    ['cannary', 'must be recreate or blue_green or canary', "did you mean 'canary'?"],
    ['{canary: {}}', 'strategy.canary.steps: is required and missing', ''],
    ['{canary: {steps: []}}', 'strategy.canary.steps: must have at least 1 in its list', ''],
    ['{blue_green: {bake: soon}}', 'write a duration such as 30s', 'found "soon"'],
    ['{bluegreen: {}}', "unknown key 'bluegreen'", "did you mean 'blue_green'?"],
  ])('%s', (strategy, sentence, more) => {
    const said = messages(withStrategy(strategy)).join('\n')
    expect(said).toContain(sentence)
    expect(said).toContain(more)
  })

  test('a trigger with a misspelt cause', () => {
    const text = `${smallProject}triggers: {nightly: {on: {shedule: "0 3 * * *"}}}`
    expect(messages(text).join('\n')).toContain("did you mean 'schedule'?")
  })
})

describe('ports and order', () => {
  const environments = (text: string) =>
    smallProject.replace(/environments:[\s\S]*/, `environments: ${text}`)

  test('a port belongs to one', () => {
    expect(
      messages(environments('{a: {port: 81, delivery: manual}, b: {port: 81, delivery: manual}}')),
    ).toEqual(["environments.b.port: port 81 is taken by environment 'a'"])
    expect(messages(environments('{a: {port: 7070, delivery: manual}}')).join()).toContain(
      'taken by the control plane',
    )
  })

  test('environments may not wait for one another in a circle', () => {
    const ring =
      '{a: {port: 1, delivery: manual, after: b}, b: {port: 2, delivery: manual, after: c}, c: {port: 3, delivery: manual, after: a}, d: {port: 4, delivery: manual, after: a}}'
    expect(messages(environments(ring))).toEqual([
      'environments.a.after: a → b → c → a is a circle: no release ever gets there',
    ])
    expect(messages(environments('{a: {port: 1, delivery: manual, after: a}}')).join()).toContain(
      "no other environment 'a'",
    )
  })

  test.each([
    ['[10%, 10%]', '10%, 10%'],
    ['[50%, 10%]', '50%, 10%'],
    ['[0, 10%]', '0%, 10%'],
    ['[50%, 100%]', '50%, 100%'],
  ])('canary steps %s do not increase below 100%', (steps, found) => {
    const text = smallProject.replace(
      'automatic}',
      `automatic, strategy: {canary: {steps: ${steps}}}}`,
    )
    expect(messages(text).join()).toContain(
      `shares must increase and stay below 100%; found ${found}`,
    )
  })
})

describe('what is left out is filled in, and every unit becomes its base', () => {
  test('the small project', () => {
    const [staging] = specOf(smallProject).environments
    expect(staging).toMatchObject({
      replicas: 1,
      after: null,
      soakMs: 0,
      approval: null,
      strategy: { kind: 'blue_green', bakeMs: 60_000 },
      analysis: { alpha: 0.05, maxErrorRate: 0.02, onInsufficient: 'pause' },
    })
    expect(specOf(smallProject)).toMatchObject({
      control: { port: 7070 },
      gateway: { host: '127.0.0.1', workers: 2, captureRate: 1 },
      evaluate: { threshold: 0.5, groups: [], score: null },
    })
  })

  test('shares may be written as percentages or fractions', () => {
    const text = smallProject.replace(
      'automatic}',
      'manual, strategy: {canary: {shadow: {mirror: 5%, hold: 1m}, steps: [0.5%, {share: 0.29, hold: 2m}], hold: 10s}}}',
    )
    expect(specOf(text).environments[0]?.strategy).toEqual({
      kind: 'canary',
      shadow: { mirrorBp: 500, holdMs: 60_000 },
      steps: [
        { shareBp: 50, holdMs: 10_000 },
        { shareBp: 2900, holdMs: 120_000 },
      ],
      bakeMs: 60_000,
    })
  })

  test('manual delivery without an approval block still asks for one person', () => {
    expect(specOf(smallProject.replace('automatic', 'manual')).environments[0]?.approval).toEqual({
      count: 1,
      from: [],
      exclude: ['requester', 'author', 'run_starter'],
      expiresMs: 259_200_000,
    })
  })

  test('checks keep their place in the file', () => {
    const text = smallProject.replace(
      'holdout.csv}',
      'holdout.csv, checks: [rows >= 10, {"gap(tpr) <= 0.1": {by: sex}}]}',
    )
    expect(specOf(text).datasets[0]?.checks).toEqual([
      { text: 'rows >= 10', options: {}, position: { line: 7, column: 41, length: 10 } },
      {
        text: 'gap(tpr) <= 0.1',
        options: { by: 'sex' },
        position: { line: 7, column: 53, length: 30 },
      },
    ])
  })
})

test('the example of the repository is right', () => {
  const text = readFileSync(new URL('../../examples/income/lockstep.yaml', import.meta.url), 'utf8')
  expect(specOf(text)).toMatchObject({ project: 'income', model: { name: 'income' } })
})
