// Reading a project folder, and where its data folder lies.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { dataFolder, socketNames } from './data-folder.ts'
import { loadParameters, loadProject } from './load-project.ts'
import { lockstepJsonSchema, lockstepSchema } from './lockstep-schema.ts'
import { smallProject } from './sample-project.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-project-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('loading', () => {
  test('a folder with a right file', async () => {
    await writeFile(join(folder, 'lockstep.yaml'), smallProject)
    const project = await loadProject(folder)
    expect(project).toMatchObject({ dir: folder, spec: { project: 'tiny' } })
    await writeFile(join(folder, 'lockstep.yaml'), `${smallProject}# later\n`)
    expect((await loadProject(folder)).digest).not.toBe(project.digest)
  })

  test('no file says where it looked and what to do', async () => {
    await expect(loadProject(folder)).rejects.toMatchObject({
      code: 'project.missing',
      message: `there is no lockstep.yaml in ${folder}`,
      hint: expect.stringContaining('lockstep init'),
    })
    await expect(loadProject(join(folder, 'none'))).rejects.toMatchObject({
      code: 'project.missing',
    })
  })

  test('a folder in its place is unreadable, not missing', async () => {
    await mkdir(join(folder, 'lockstep.yaml'))
    await expect(loadProject(folder)).rejects.toMatchObject({ code: 'project.unreadable' })
  })

  test('a wrong file is refused with all its problems', async () => {
    await writeFile(join(folder, 'lockstep.yaml'), 'version: 3\nproject: x')
    await expect(loadProject(folder)).rejects.toMatchObject({
      code: 'project.invalid',
      kind: 'invalid',
      message: expect.stringMatching(/^5 problems in lockstep.yaml; nothing was started\n\n/),
    })
  })

  test('parameter files are read once each; a missing or broken one is named', async () => {
    const text = smallProject.replace(
      'outputs:',
      'params: [params.yaml:train.C, params.yaml:seed, more.json], outputs:',
    )
    await writeFile(join(folder, 'lockstep.yaml'), text)
    const project = await loadProject(folder)
    await expect(loadParameters(project)).rejects.toMatchObject({
      code: 'project.params_unreadable',
      message: expect.stringContaining('params.yaml cannot be read'),
    })
    await writeFile(join(folder, 'params.yaml'), 'train: {C: 0.1}\nseed: 7')
    await writeFile(join(folder, 'more.json'), '{"a": 1}')
    expect(await loadParameters(project)).toEqual(
      new Map<string, unknown>([
        ['params.yaml', { train: { C: 0.1 }, seed: 7 }],
        ['more.json', { a: 1 }],
      ]),
    )
    await writeFile(join(folder, 'more.json'), '{"a": ')
    await expect(loadParameters(project)).rejects.toThrow('the parameter file more.json')
  })
})

describe('the data folder', () => {
  // The kernel's sun_path has 108 bytes with the closing zero.
  const longest = (sockets: string) =>
    Math.max(
      ...[socketNames.control, socketNames.supervisor, socketNames.gateway(63)].map((name) =>
        Buffer.byteLength(join(sockets, name)),
      ),
      Buffer.byteLength(join(sockets, socketNames.replica('any replica of any release'))),
    )

  test('keeps sockets beside everything else where the path is short', () => {
    const data = dataFolder('/home/olga/income')
    expect(data.sockets).toBe('/home/olga/income/.lockstep/run')
    expect(longest(data.sockets)).toBeLessThanOrEqual(107)
  })

  test.each([30, 45, 46, 47, 60, 300])(
    'every socket fits the kernel with a project path of %d bytes',
    (length) => {
      expect(longest(dataFolder(`/${'p'.repeat(length - 1)}`).sockets)).toBeLessThanOrEqual(107)
    },
  )

  test('two long paths never share a socket, and letters are counted in bytes', () => {
    const long = (letter: string) => dataFolder(`/${letter.repeat(80)}`).sockets
    expect(long('a')).not.toBe(long('b'))
    expect(long('a')).toBe(long('a'))
    expect(dataFolder(`/${'é'.repeat(30)}`).sockets).toContain(tmpdir())
  })
})

describe('the JSON Schema for editors', () => {
  interface Node {
    readonly properties?: Readonly<Record<string, Node>>
    readonly additionalProperties?: Node | boolean
    readonly items?: Node
    readonly anyOf?: readonly Node[]
    readonly required?: readonly string[]
    readonly enum?: readonly unknown[]
    readonly const?: unknown
    readonly type?: string
    readonly pattern?: string
    readonly minimum?: number
    readonly maximum?: number
  }

  /** The keywords our schema uses, and no others. */
  function accepts(node: Node, value: unknown): boolean {
    if (node.anyOf) return node.anyOf.some((branch) => accepts(branch, value))
    if (node.const !== undefined) return value === node.const
    if (node.enum) return node.enum.includes(value)
    if (node.type === 'array')
      return Array.isArray(value) && value.every((one) => accepts(node.items ?? {}, one))
    if (node.type === 'string')
      return typeof value === 'string' && new RegExp(node.pattern ?? '').test(value)
    if (node.type === 'number' || node.type === 'integer')
      return (
        typeof value === 'number' &&
        value >= (node.minimum ?? value) &&
        value <= (node.maximum ?? value)
      )
    if (node.type === 'boolean') return typeof value === 'boolean'
    if (node.type !== 'object') return true
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    const others = node.additionalProperties
    return (
      (node.required ?? []).every((key) => key in value) &&
      Object.entries(value).every(([key, member]) => {
        const known = node.properties?.[key]
        if (known) return accepts(known, member)
        return typeof others === 'object' ? accepts(others, member) : others !== false
      })
    )
  }

  const schema = lockstepJsonSchema() as Node & Record<string, unknown>

  test('accepts the example and the small project, as the parser does', async () => {
    const example = parse(
      await readFile(new URL('../../examples/income/lockstep.yaml', import.meta.url), 'utf8'),
    )
    for (const project of [example, parse(smallProject)]) {
      expect(accepts(schema, project)).toBe(true)
      expect(lockstepSchema.safeParse(project).success).toBe(true)
    }
  })

  test.each([
    ['an unknown key', { pipelines: {} }],
    ['a wrong choice', { environments: { a: { port: 1, delivery: 'sometimes' } } }],
    ['a wrong type', { version: 2 }],
  ])('refuses %s', (_, change) => {
    expect(accepts(schema, { ...parse(smallProject), ...change })).toBe(false)
  })

  test('asks only for what has no default', () => {
    expect(schema.required).toEqual([
      'version',
      'project',
      'model',
      'pipeline',
      'evaluate',
      'environments',
    ])
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema')
  })
})
