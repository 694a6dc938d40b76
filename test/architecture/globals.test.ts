// Time, chance and the machine enter through arguments: ambient ones are forbidden, so that every decision can be replayed.
import { describe, expect, test } from 'vitest'
import { lineAt } from './source-text.ts'
import { type SourceFile, sourcesBelow } from './source-tree.ts'

const program = sourcesBelow('src').filter((file) => !file.isTest)

function uses(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    [...file.code.matchAll(pattern)].map(
      (match) => `${file.path}:${lineAt(file.code, match.index)} uses ${match[0].trim()}`,
    ),
  )
}

describe('ambient time and chance', () => {
  const elsewhere = program.filter((file) => file.path !== 'src/foundation/system-clock.ts')
  const forbidden: readonly (readonly [name: string, pattern: RegExp])[] = [
    ['Date.now', /\bDate\.now\b/g],
    ['new Date() of this instant', /\bnew Date\(\s*\)/g],
    ['Date() as a function', /(?<!new )(?<![\w.])Date\(/g],
    ['Math.random', /\bMath\.random\b/g],
    ['performance.now', /\bperformance\.(now|timeOrigin)\b/g],
    ['process.hrtime', /\bprocess\.hrtime\b/g],
    ['timers', /(?<![\w.$])(setTimeout|setInterval)\b/g],
    ['timers by way of an object', /\b(globalThis|global|window)\.(set\w+|Date|Math)\b/g],
  ]
  test.each(forbidden)('%s is used only in foundation/system-clock.ts', (_, pattern) => {
    expect(uses(elsewhere, pattern)).toEqual([])
  })

  test('node:timers is imported by nobody else', () => {
    const found = elsewhere.filter((file) =>
      file.imports.some(({ from }) => from.startsWith('node:timers')),
    )
    expect(found.map((file) => file.path)).toEqual([])
  })
})

test('the environment of the process is read only by project and main', () => {
  const others = program.filter((file) => !/^src\/(project|main)\//.test(file.path))
  expect(uses(others, /\bprocess\.env\b/g)).toEqual([])
})

describe('pure thought', () => {
  /** Everything in these folders is computed from arguments. */
  const pureFolders = [
    'src/verify/statistics/',
    'src/verify/metrics/',
    'src/verify/fairness/',
    'src/verify/readiness/',
    'src/verify/gates/',
    'src/observe/drift/',
    'src/observe/monitors/',
    'src/deliver/environments/',
    'src/deliver/policy/',
    'src/deliver/promotions/',
    'src/deliver/rollouts/',
    'src/deliver/triggers/',
    'src/api/contract/',
  ]
  const isDecider = (path: string) => /\/(decide|judge)-[^/]+\.ts$/.test(path)
  const pure = program.filter(
    ({ path }) => isDecider(path) || pureFolders.some((folder) => path.startsWith(folder)),
  )

  test('is where we think it is', () => {
    expect(pure.length).toBeGreaterThan(50)
    expect(pure.filter(({ path }) => /\/decide-[^/]+\.ts$/.test(path)).length).toBeGreaterThan(4)
  })

  test('imports nothing of node', () => {
    const found = pure.flatMap((file) =>
      file.imports
        .filter(({ from }) => from.startsWith('node:'))
        .map(({ from, line }) => `${file.path}:${line} imports ${from}`),
    )
    expect(found).toEqual([])
  })

  test('decides without reaching node through others; hashing is arithmetic', () => {
    const byPath = new Map(program.map((file) => [file.path, file]))
    const found = new Set<string>()
    const visit = (file: SourceFile, trail: readonly string[]) => {
      for (const { file: target, from, isTypeOnly } of file.imports) {
        if (isTypeOnly || target === 'src/foundation/digest.ts') continue
        if (from.startsWith('node:')) {
          found.add(`${[...trail, file.path].join(' → ')} → ${from}`)
        }
        const next = target === null ? undefined : byPath.get(target)
        if (next && !trail.includes(next.path)) visit(next, [...trail, file.path])
      }
    }
    for (const file of pure) if (/\/decide-[^/]+$/.test(file.path)) visit(file, [])
    expect([...found]).toEqual([])
  })
})
