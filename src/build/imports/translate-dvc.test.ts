// What becomes of each thing a dvc.yaml can hold. That real DVC makes the same bytes is shown in test/e2e/import-dvc.test.ts.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of DVC, not ours.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isRefusal } from '../../foundation/refusal.ts'
import type { ImportedStep, ProjectFiles } from './imported-project.ts'
import { type DvcImport, translateDvc } from './translate-dvc.ts'
import { projectFileText } from './write-project-file.ts'

function inMemory(files: Readonly<Record<string, string>>): ProjectFiles {
  const paths = Object.keys(files).sort()
  return {
    paths,
    read: (path) => files[path],
    kindOf: (path) =>
      paths.includes(path)
        ? 'file'
        : paths.some((one) => one.startsWith(`${path}/`))
          ? 'folder'
          : null,
  }
}

function translated(files: Readonly<Record<string, string>>): DvcImport {
  const result = translateDvc('Churn 2', inMemory(files))
  if (isRefusal(result)) throw new Error(result.because)
  return result
}

/** One stage named `it`, with the other files of its project. */
function stage(text: string, files: Readonly<Record<string, string>> = {}) {
  const lines = text.trim().split('\n')
  const dvcYaml = `stages:\n  it:\n${lines.map((line) => `    ${line}`).join('\n')}\n`
  const { project, notes } = translated({ 'dvc.yaml': dvcYaml, ...files })
  return { step: project.steps[0] as ImportedStep, steps: project.steps, project, notes }
}

const about = (result: Pick<DvcImport, 'notes'>, text: string) =>
  result.notes.filter((note) => note.about.includes(text)).map((note) => note.sentence)

describe('a stage', () => {
  it('becomes a step with the same command, inputs, parameters and outputs', () => {
    const { step } = stage(`
cmd: python train.py
deps: [train.py, data/train.csv]
params: [lr, model.depth, other.json: [a, b], whole.yaml: ]
outs: [model.pkl]
metrics: [scores.json: {cache: false}]
plots: [curve.csv: {x: fpr}]`)
    expect(step).toMatchObject({
      command: { run: 'python train.py' },
      folder: '',
      inputs: ['train.py', 'data/train.csv'],
      params: [
        'params.yaml:lr',
        'params.yaml:model.depth',
        'other.json:a',
        'other.json:b',
        'whole.yaml',
      ],
      outputs: ['model.pkl', 'scores.json', 'curve.csv'],
      metrics: ['scores.json'],
    })
  })

  it('keeps its folder, and paths that are relative to it become relative to the project', () => {
    const { step } = stage(
      'cmd: ./go.sh > out.txt\nwdir: a/b\ndeps: [go.sh, ../x.csv]\nouts: [out.txt]',
    )
    expect(step).toMatchObject({
      ...{ command: { shell: './go.sh > out.txt' }, folder: 'a/b' },
      ...{ inputs: ['a/b/go.sh', 'a/x.csv'], outputs: ['a/b/out.txt'] },
    })
  })

  it('with a list of commands stops at the first that fails, and gives each a shell of its own', () => {
    expect(stage('cmd: [a b, c d]\nouts: [x]').step.command).toEqual({ shell: 'a b &&\nc d' })
    expect(stage('cmd: ["cd sub; a", b]\nouts: [x]').step.command).toEqual({
      shell: '(\ncd sub; a\n) &&\n(\nb\n)',
    })
  })

  it('without outputs gets a marker, because a step must make something', () => {
    const result = stage('cmd: ./send.sh\nwdir: sub')
    expect(result.step).toMatchObject({
      outputs: ['.done/it'],
      command: { shell: './send.sh\nmkdir -p ../.done && : > ../.done/it' },
    })
    expect(about(result, 'stages.it')[0]).toContain('it declares no outputs')
  })

  it('tells what frozen, always_changed and persist mean here', () => {
    const result = stage('cmd: a\nfrozen: true\nalways_changed: true\nouts: [x: {persist: true}]')
    expect(about(result, '.frozen')[0]).toContain('DVC never runs a frozen stage')
    expect(about(result, '.always_changed')[0]).toContain('run it with --force-step')
    expect(about(result, '.outs x')[0]).toContain('begins in an empty folder')
  })

  it('never drops a thing in silence: what has no place is listed', () => {
    const result = stage(`
cmd: a
meta: {owner: me}
surprise: 1
deps: ["s3://bucket/data", /abs/file, ../../outside, "ds://set", .]
params: [conf.toml: [x], settings.py: ]
outs: [x: {remote: big, push: false, desc: d, labels: [l]}, "s3://bucket/out"]
metrics: [m.txt]`)
    const told = result.notes
      .map((note) => `${note.kind} ${note.about} ${note.sentence}`)
      .join('\n')
    for (const thing of [
      'meta',
      'surprise',
      's3://bucket/data',
      '/abs/file',
      '../../outside',
      'ds://set',
      'conf.toml',
      'settings.py',
      'remote',
      'push',
      'desc',
      'labels',
      's3://bucket/out',
      'm.txt',
    ]) {
      expect(told).toContain(thing)
    }
    expect(result.step).toMatchObject({ inputs: ['**', 'conf.toml', 'settings.py'], metrics: [] })
  })

  it('that cannot be read is left out with its reason, and the others stay', () => {
    const { steps, notes } = stage('cmd: a ${nowhere}\nouts: [x]\n'.concat('deps: []'), {
      'sub/dvc.yaml': 'stages:\n  other: {cmd: b, outs: [y]}\n',
    })
    expect(steps.map((step) => step.name)).toEqual(['other'])
    expect(notes.find((note) => note.about === 'dvc.yaml: stages.it')?.sentence).toContain(
      "nothing is called 'nowhere'",
    )
  })
})

describe('groups of stages', () => {
  const params = 'models: [a, b]\nregions: {north: {t: 0.5}, south: {t: 1.0}}\n'
  const named = (text: string) =>
    stage(text, { 'params.yaml': params }).steps.map(({ name, command }) => [
      name,
      'run' in command ? command.run : command.shell,
    ])

  it('foreach over a list, a map and composite values are named as DVC names them', () => {
    expect(named('foreach: "${models}"\ndo: {cmd: "go ${item}", outs: ["${item}"]}')).toEqual([
      ['it-a', 'go a'],
      ['it-b', 'go b'],
    ])
    expect(
      named('foreach: "${regions}"\ndo: {cmd: "go ${key} ${item.t}", outs: ["${key}"]}'),
    ).toEqual([
      ['it-north', 'go north 0.5'],
      ['it-south', 'go south 1.0'],
    ])
    expect(
      named('foreach: [{n: 1}, {n: 2}]\ndo: {cmd: "go ${item.n}", outs: ["${item.n}"]}'),
    ).toEqual([
      ['it-0', 'go 1'],
      ['it-1', 'go 2'],
    ])
  })

  it('matrix makes every combination', () => {
    expect(
      named('matrix: {m: "${models}", n: [1, 2.5]}\ncmd: go ${item.m} ${item.n}\nouts: ["${key}"]'),
    ).toEqual([
      ['it-a-1', 'go a 1'],
      ['it-a-2-5', 'go a 2.5'],
      ['it-b-1', 'go b 1'],
      ['it-b-2-5', 'go b 2.5'],
    ])
  })

  it('a matrix of a million is refused, not written out', () => {
    const hundred = `[${Array.from({ length: 100 }, (_, n) => n)}]`
    const files = {
      'dvc.yaml': `stages:\n  it: {matrix: {a: ${hundred}, b: ${hundred}, c: ${hundred}}, cmd: x, outs: [y]}\n  ok: {cmd: x, outs: [z]}`,
    }
    expect(about(translated(files), 'stages.it')).toEqual(['it has more than 10000 combinations'])
  })
})

describe('what DVC never saw', () => {
  const files = {
    'train.py': 'from lib import tables\nimport numpy as np\nopen("extra/names.csv")\n',
    'lib/__init__.py': '',
    'lib/tables.py': 'from . import deep\n',
    'lib/deep.py': '',
    'extra/names.csv': 'a\n',
    'unrelated.py': '',
  }

  it('files the command names, modules it imports and names in its scripts become inputs', () => {
    const result = stage('cmd: python train.py --out=model.pkl\nouts: [model.pkl]', files)
    expect(result.step.inputs).toEqual([
      ...['train.py', 'lib/__init__.py', 'lib/tables.py', 'extra/names.csv', 'lib/deep.py'],
    ])
    expect(about(result, '.deps')).toContain(
      'lib/tables.py is declared as an input: train.py imports it, though the stage did not declare it, so DVC missed its changes',
    )
  })

  it('python -m package.module as well', () => {
    const { step } = stage('cmd: python -m lib.tables\nouts: [x]', files)
    expect(step.inputs).toEqual(['lib/__init__.py', 'lib/tables.py', 'lib/deep.py'])
  })
})

describe('the rest of a project', () => {
  it('data under .dvc files becomes datasets, and what is not fetched yet is said', () => {
    const { project, notes } = stage('cmd: a\nouts: [x]', {
      'data/raw.csv.dvc': 'outs:\n- md5: a1\n  path: raw.csv\n',
      'data/raw.csv': 'a,label\n',
      'far.dvc': 'outs:\n- path: far\ndeps:\n- path: https://example.org/far\n',
    })
    expect(project.datasets).toEqual([
      { name: 'raw', path: 'data/raw.csv' },
      { name: 'far', path: 'far' },
    ])
    expect(about({ notes }, 'far.dvc')).toEqual([
      expect.stringContaining('imported from elsewhere'),
      'far is not in the folder: fetch it with dvc pull before the first run',
    ])
  })

  it('a pinned requirements.txt becomes the environment of steps that use python', () => {
    const text = (requirements: string) =>
      projectFileText(
        stage('cmd: python a.py\nouts: [x]', { 'requirements.txt': requirements }).project,
      )
    expect(text('six==1.17.0\n')).toContain('environment: {python: requirements.txt}')
    expect(text('six\n')).not.toContain('environment: {')
  })

  it('the model is the artifact dvc.yaml names, else the output that looks like one', () => {
    const two = 'stages:\n  a: {cmd: x, outs: [model.pkl, clf.bin, test.csv]}\n'
    expect(translated({ 'dvc.yaml': two }).project.artifact).toBe('model.pkl')
    const named = `${two}artifacts:\n  best: {path: clf.bin, type: model, desc: The one}\n`
    expect(translated({ 'dvc.yaml': named }).project).toMatchObject({
      ...{ artifact: 'clf.bin', description: 'The one', holdout: { source: 'test.csv' } },
    })
  })

  it('a dvc.lock of another command is noticed', () => {
    const result = stage('cmd: new\nouts: [x]', {
      'dvc.lock': "schema: '2.0'\nstages:\n  it:\n    cmd: old\n",
    })
    expect(about(result, 'dvc.lock: it')[0]).toContain('another command than dvc.yaml has now')
  })
})

describe('odd files', () => {
  it.each([
    ['', 'no stage'],
    ['stages: 3', 'no stage'],
    ['- a', 'not a map'],
    ['stages: {a: {cmd: "x"', 'cannot be read'],
    ['a: &a [*a]', 'no stage'],
    ['stages: {a: 1, b: {}, c: {cmd: []}, d: {cmd: 3}}', 'no stage'],
    [
      `x0: &x0 [a]\n${Array.from({ length: 40 }, (_, n) => `x${n + 1}: &x${n + 1} [*x${n}, *x${n}, *x${n}]`).join('\n')}`,
      'cannot be read',
    ],
  ])('%.60j is refused with a reason', (text, reason) => {
    const result = translateDvc('p', inMemory({ 'dvc.yaml': text }))
    expect(isRefusal(result) && result.because).toContain(reason)
  })

  it('whatever stands in the fields of a stage, the result is a lockstep.yaml that YAML reads, or a refusal', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(
          null,
          true,
          1,
          0.5,
          'a.py',
          '${x}',
          '${item}',
          '../..',
          's3://b/c',
          'a: b #c',
          '"',
          '\n x',
          '\u0007',
          '*',
        ),
        fc.string(),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 5 }), tie('any'), { maxKeys: 3 }),
      ),
    })).any
    const fields = fc.record(
      Object.fromEntries(
        [
          'cmd',
          'wdir',
          'deps',
          'params',
          'outs',
          'metrics',
          'plots',
          'vars',
          'foreach',
          'do',
          'matrix',
          'desc',
          'frozen',
        ].map((key) => [key, value]),
      ),
      { requiredKeys: [] },
    )
    const named = fc.dictionary(fc.string(), fields, { maxKeys: 3 })
    fc.assert(
      fc.property(named, value, (stages, x) => {
        const ok = { cmd: 'run', outs: ['fine'] }
        const text = JSON.stringify({ vars: [{ x }], stages: { ...stages, ok } })
        const result = translateDvc('p', inMemory({ 'dvc.yaml': text }))
        if (isRefusal(result)) throw new Error(result.because)
        const read = parse(projectFileText(result.project))
        expect(Object.keys(read.pipeline)).toEqual(result.project.steps.map((step) => step.name))
        for (const step of result.project.steps) {
          const written = read.pipeline[step.name]
          expect(written.outputs).toEqual(step.outputs)
          expect(written.run ?? written.shell).toBe(
            'run' in step.command ? step.command.run : step.command.shell,
          )
        }
      }),
      { numRuns: 150 },
    )
  })
})
