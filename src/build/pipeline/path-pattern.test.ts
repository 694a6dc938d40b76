import { matchesGlob } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatcher, literalFolder, mayReach } from './path-pattern.ts'

describe('a glob', () => {
  it.each([
    ['data/*.csv', 'data/a.csv', true],
    ['data/*.csv', 'data/sub/a.csv', false],
    ['data/*.csv', 'data/.hidden.csv', false],
    ['data/**', 'data/a/b.csv', true],
    ['**/*.py', 'train.py', true],
    ['**/*.py', 'src/deep/train.py', true],
    ['**/*.py', '.venv/lib/x.py', false],
    ['data/19[0-9][!5].{csv,parquet}', 'data/1994.parquet', true],
    ['data/19[0-9][!5].{csv,parquet}', 'data/1995.parquet', false],
    ['a+b/(x).t?t', 'a+b/(x).txt', true],
    ['data/[z-a].csv', 'data/[z-a].csv', true],
    ['data/[broken', 'data/[broken', true],
  ])('%s against %s is %s', (glob, path, expected) => {
    expect(globMatcher(glob)(path)).toBe(expected)
  })

  it('may reach a folder that could hold a match', () => {
    expect(mayReach('data/raw/*.csv', 'data/raw')).toBe(true)
    expect(mayReach('data/raw/*.csv', 'data/clean')).toBe(false)
    expect(mayReach('**/*.csv', 'anything/at/all')).toBe(true)
    expect(literalFolder('data/raw/*/x.csv')).toBe('data/raw')
    expect(literalFolder('*.csv')).toBe('')
  })

  it("agrees with Node's own matcher", () => {
    const segment = fc.constantFrom('*', '?', 'a', 'b', 'a*', '*b', '{a,bb}', '[ab]', '**')
    const glob = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
    const path = fc
      .array(fc.constantFrom('a', 'b', 'ab', 'bb'), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'))
    fc.assert(
      fc.property(glob, path, (pattern, file) => {
        fc.pre(!pattern.includes('**/**') && !pattern.endsWith('/**'))
        expect(globMatcher(pattern)(file), `${pattern} ${file}`).toBe(matchesGlob(file, pattern))
      }),
    )
  })
})
