// The verbs that work on files: a new project, its data selected, its model trained, its schema printed.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadParameters, loadProject } from '../../../src/project/load-project.ts'
import { play } from './fake-world.ts'

let cwd: string
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'lockstep-cli-'))
})
afterEach(() => rm(cwd, { recursive: true, force: true }))

describe('init', () => {
  test('writes a project that loads, with its data, its schema and its .gitignore', async () => {
    const { code, out } = await play('init my-model', { cwd })
    expect(code).toBe(0)
    expect(out).toContain('  cd my-model\n  lockstep run')
    const dir = join(cwd, 'my-model')
    const project = await loadProject(dir)
    expect(project.spec.project).toBe('income')
    expect((await loadParameters(project)).get('params.yaml')).toMatchObject({ train: {} })
    const text = await readFile(project.file, 'utf8')
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=./.lockstep-schema.json')
    expect(JSON.parse(await readFile(join(dir, '.lockstep-schema.json'), 'utf8')).title).toBe(
      'lockstep.yaml',
    )
    expect(await readFile(join(dir, '.gitignore'), 'utf8')).toBe('.lockstep/\n')
    await readFile(join(dir, 'data/survey/1994.parquet'))
    await readFile(join(dir, 'data/later/1995.parquet'))
  })

  test('refuses a folder with something in it, unless --force', async () => {
    await writeFile(join(cwd, 'notes.txt'), 'mine')
    await mkdir(join(cwd, '.git'))
    const refused = await play('init', { cwd })
    expect(refused.code).toBe(2)
    expect(refused.err).toContain('is not empty (it has notes.txt); nothing was written')
    expect((await play('init --force', { cwd })).code).toBe(0)
    expect(await readFile(join(cwd, 'notes.txt'), 'utf8')).toBe('mine')
  })

  test('an unknown template names those there are', async () => {
    const { code, err } = await play('init --template incme x', { cwd })
    expect(code).toBe(2)
    expect(err).toContain("there is no template 'incme'; there is income")
    expect(err).toContain('hint: did you mean income?')
  })
})

describe('data select and train baseline', () => {
  const csv = [
    'age,job,y',
    ...Array.from(
      { length: 60 },
      (_, i) => `${20 + (i % 40)},${i % 3 ? 'a' : 'b'},${i % 40 > 22 ? 1 : 0}`,
    ),
  ]

  test('rows are selected, a model is trained from params.yaml, options win', async () => {
    await writeFile(join(cwd, 'people.csv'), csv.join('\n'))
    await writeFile(
      join(cwd, 'params.yaml'),
      'train: {label: y, columns: [age, job], C: 0.5, min_count: 2}\n',
    )
    const select = [
      'data',
      'select',
      '--from',
      'people.csv',
      '--where',
      'age >= 30',
      '--out',
      'out/t.parquet',
    ]
    const selected = await play(select, { cwd })
    expect(selected.err).toBe('')
    expect(selected.out).toBe('wrote out/t.parquet: 40 rows, 3 columns\n')
    const line =
      'train baseline --data out/t.parquet --params params.yaml --columns age --out m.onnx --report r.json --json'
    const trained = await play(line, { cwd })
    expect(trained.err).toBe('')
    expect(trained.json()).toMatchObject({ rows: 40, columns: [{ name: 'age' }], out: 'm.onnx' })
    expect(JSON.parse(await readFile(join(cwd, 'r.json'), 'utf8')).rows).toBe(40)
    expect((await readFile(join(cwd, 'm.onnx'))).length).toBeGreaterThan(100)
  })

  test.each([
    ['train: {label: y, colums: [age]}', 'train.colums in', 'did you mean columns?'],
    ['train: {label: y, C: strong}', 'train.C in', 'it must be a number'],
    ['model: 3', 'has no train key', 'for example'],
    ['train: [', 'cannot be read', ''],
  ])('a wrong parameter file: %s', async (text, message, more) => {
    await writeFile(join(cwd, 'params.yaml'), text)
    const { code, err } = await play('train baseline --data d.csv --params params.yaml --out m', {
      cwd,
    })
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(err).toContain(more)
  })

  test('what is missing is named', async () => {
    expect((await play('train baseline --out m', { cwd })).err).toContain('--data PATH')
    expect((await play('train baseline --data d.csv --out m', { cwd })).err).toContain(
      '--label COLUMN',
    )
    expect(
      (await play('train baseline --data d.csv --out m --params p.yaml', { cwd })).err,
    ).toContain('there is no parameter file')
    expect((await play('data select --out m', { cwd })).err).toContain('--from PATH')
  })
})

test('schema prints the JSON Schema', async () => {
  const { json } = await play('schema --json')
  expect(json()).toMatchObject({ title: 'lockstep.yaml', type: 'object' })
  expect((await play('schema')).out).toContain('"title": "lockstep.yaml"')
})
