// Generated reference pages are those that today's code would write; `npm run docs` writes them anew.
import { describe, expect, test } from 'vitest'
import { verbs } from '../../src/cli/verbs.ts'
import { parseCheck } from '../../src/verify/gates/parse-check.ts'
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
    const lines = language.split('\n').flatMap((line) => /^\| `([^`]+)` \| /.exec(line)?.[1] ?? [])
    const wrong = lines.filter((line) => {
      const [, check = line, by] = /^\{"([^"]+)": \{by: (\w+)\}\}$/.exec(line) ?? []
      return 'problems' in parseCheck(check, by === undefined ? {} : { by })
    })
    expect(lines.length).toBeGreaterThan(15)
    expect(wrong).toEqual([])
  })
})
