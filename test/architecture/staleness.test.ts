// Generated reference pages are those that today's code would write; `npm run docs` writes them anew.
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { verbs } from '../../src/cli/verbs.ts'
import { parseCheck } from '../../src/verify/gates/language/parse-check.ts'
import { referenceDocs } from './reference-docs.ts'
import { filesBelow, readText } from './source-tree.ts'

const generated = await referenceDocs()

describe('docs/reference', () => {
  test.each([...generated.keys()])('%s is what the code says today (npm run docs)', (path) => {
    expect(readText(path)).toBe(generated.get(path))
  })

  test('holds nothing else', () => {
    expect(filesBelow('docs/reference')).toEqual([...generated.keys()].sort())
  })
})

describe('the documents', () => {
  const documents = filesBelow('.').filter((path) => path.endsWith('.md'))

  test('name only verbs that the command line has', () => {
    const first = new Set(Object.keys(verbs).map((name) => name.split(' ')[0]))
    const unknown = documents.flatMap((path) =>
      [...readText(path).matchAll(/(?:^|`|\$ |npx )lockstep ([a-z][a-z-]*)/gm)]
        .map((match) => match[1] ?? '')
        .filter((verb) => verb !== 'help' && !first.has(verb))
        .map((verb) => `${path} says lockstep ${verb}`),
    )
    expect(unknown).toEqual([])
  })

  test('show only checks that the check language has', () => {
    const [, language = ''] = readText('docs/language.md').split('## Checks by example')
    const cells = language.split('\n').flatMap((line) => /^\| (`[^|]*) \| /.exec(line)?.[1] ?? [])
    const lines = cells.flatMap((cell) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one),
    )
    expect(lines.length).toBeGreaterThan(50)
    expect(lines.filter((line) => isWrong(line.startsWith('{') ? parse(line) : line))).toEqual([])
  })

  test.each(['gates', 'data-checks', 'fairness', 'readiness-and-security'])(
    'guide/%s.md declares only checks that the check language has',
    (name) => {
      const blocks = [...readText(`docs/guide/${name}.md`).matchAll(/```yaml\n(.*?)```/gs)]
      const checks = blocks.flatMap(([, block = '']) => checksIn(parse(block)))
      expect(checks.length).toBeGreaterThan(5)
      expect(checks.filter(isWrong)).toEqual([])
    },
  )
})

/** A check as YAML reads it: a line, or a map from the line to its options. */
function isWrong(check: unknown): boolean {
  if (typeof check === 'string') return 'problems' in parseCheck(check, {})
  const [[line, options] = ['', {}]] = Object.entries(check as Record<string, object | null>)
  return 'problems' in parseCheck(line, { ...options })
}

/** What stands under `checks`, `between` and the gates of a fragment of lockstep.yaml; a bare list is a list of checks. */
function checksIn(fragment: unknown): unknown[] {
  if (Array.isArray(fragment)) return fragment.filter((one) => typeof one === 'string' || !one.sql)
  if (typeof fragment !== 'object' || fragment === null) return []
  return Object.entries(fragment).flatMap(([key, value]) =>
    holdsNone.includes(key) ? [] : checksIn(value),
  )
}

const holdsNone = ['defaults', 'evaluate', 'jobs', 'key', 'schema', 'waivers']
