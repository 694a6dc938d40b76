// Each package from npm is known in one room only, so that replacing it is the work of one room. docs/adr/0009 says what we would do without each.
import { describe, expect, test } from 'vitest'
import { roomOf } from './rooms.ts'
import { filesBelow, readText, sourcesBelow } from './source-tree.ts'

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest: Manifest = JSON.parse(readText('package.json'))

/** Where a package may be imported: a room, a folder of it or a file. */
const homes: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['src/build/tables/'],
  commander: ['src/cli/'],
  croner: ['src/project/'],
  fastify: ['src/api/'],
  kysely: ['src/store/'],
  'onnxruntime-node': ['src/serve/runtime/'],
  picocolors: ['src/cli/'],
  pino: ['src/foundation/'],
  protobufjs: ['src/build/baseline/'],
  // YAML is read in places that must not know each other: the project file, files of other tools, and the parameters of a step's own command.
  yaml: ['src/project/', 'src/build/imports/', 'src/cli/baseline-params.ts'],
  // The language of schemas, at every border where something is parsed.
  zod: ['src/project/', 'src/verify/', 'src/serve/gateway/routing.ts', 'src/api/contract/'],
}

const imports = sourcesBelow('src')
  .filter((file) => !file.isTest)
  .flatMap((file) =>
    file.imports
      .filter(({ file: target, from }) => target === null && !from.startsWith('node:'))
      .map(({ from, line }) => ({ path: file.path, line, vendor: packageOf(from) })),
  )

describe('a package from npm', () => {
  test('is imported only at home', () => {
    const found = imports
      .filter(({ path, vendor }) => !homes[vendor]?.some((home) => path.startsWith(home)))
      .map(
        ({ path, line, vendor }) =>
          `${path}:${line} imports ${vendor}, whose home is ${homes[vendor]?.join(' and ') ?? 'nowhere'}`,
      )
    expect(found).toEqual([])
  })

  test('is declared, with its exact version', () => {
    const undeclared = imports.filter(({ vendor }) => !(vendor in manifest.dependencies))
    const all = { ...manifest.dependencies, ...manifest.devDependencies }
    const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))
    expect({ undeclared, loose }).toEqual({ undeclared: [], loose: [] })
  })

  test('is there because something uses it', () => {
    const used = new Set(imports.map(({ vendor }) => vendor))
    expect(Object.keys(manifest.dependencies).filter((vendor) => !used.has(vendor))).toEqual([])
  })

  test('never reaches a pure room by another name', () => {
    const rooms = new Set(
      imports.filter(({ vendor }) => vendor === 'kysely').map(({ path }) => roomOf(path)),
    )
    expect([...rooms]).toEqual(['store'])
  })
})

test('ONNX Runtime is told to send no usage data before it is loaded', () => {
  const loading = sourcesBelow('src/main').filter((file) =>
    file.imports.some(({ file: target }) => target === 'src/serve/runtime/replica.ts'),
  )
  expect(loading.length).toBeGreaterThan(0)
  for (const { path, text } of loading) {
    const [first = ''] = /^import [^\n]*/m.exec(text) ?? []
    expect(`${path}: ${first}`).toBe(`${path}: import './without-telemetry.ts'`)
  }
})

describe('where packages come from', () => {
  // In pieces, so that this file names none of them either.
  const hosts = [
    ['registry', 'npmjs', 'org'],
    ['registry', 'yarnpkg', 'com'],
    ['npm', 'pkg', 'github', 'com'],
    ['pypi', 'org'],
    ['files', 'pythonhosted', 'org'],
    ['crates', 'io'],
    ['proxy', 'golang', 'org'],
    ['registry', 'npmmirror', 'com'],
  ].map((parts) => parts.join('.'))
  const isText = (path: string) => !/\.(parquet|onnx|png|jpe?g|gif|ico|woff2?)$/.test(path)

  test('is the business of the machine: no file names a host', () => {
    const found = filesBelow('.')
      .filter(isText)
      .flatMap((path) => {
        const text = readText(path)
        return hosts.filter((host) => text.includes(host)).map((host) => `${path} names ${host}`)
      })
    expect(found).toEqual([])
  })

  test('is not in the lock file: it pins versions and digests', () => {
    const lock: { packages: Record<string, { resolved?: string; integrity?: string }> } =
      JSON.parse(readText('package-lock.json'))
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
    expect(packages.filter(([, entry]) => entry.resolved !== undefined).length).toBe(0)
    expect(packages.filter(([, entry]) => entry.integrity === undefined).length).toBe(0)
  })

  test('is not in .npmrc', () => {
    expect(readText('.npmrc')).not.toMatch(/registry|_auth|https?:/)
  })
})

/** `@scope/name/sub` → `@scope/name`; `protobufjs/light.js` → `protobufjs`. */
function packageOf(from: string): string {
  const [first = '', second = ''] = from.split('/')
  return from.startsWith('@') ? `${first}/${second}` : first
}
