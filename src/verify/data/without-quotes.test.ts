import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withoutQuotes } from './without-quotes.ts'

describe('SQL without what it quotes', () => {
  it.each([
    ["a = 'x; select'", 'a =  '],
    ["a = 'it''s' and b", 'a =   and b'],
    ["a = e'it\\'s; x' and b", 'a = e  and b'],
    ['"se""lect" > 1', '  > 1'],
    ['a /* one /* in */ other */ b', 'a   b'],
    ["/*'*/ ) ; /*'*/", '  ) ;  '],
    ["a -- '\n> 1", 'a  \n> 1'],
    ['a -- to the end', 'a  '],
    ['a = $$it;$$ or $q$ $$ ; $q$', 'a =   or  '],
    ['a = $1 and b$x$ = 2', 'a = $1 and b$x$ = 2'],
  ])('%s', (sql, bare) => expect(withoutQuotes(sql)).toBe(bare))

  it.each(["a = 'x", '"a', 'a /* b', '$$ a', "'it''"])('%s is never closed', (sql) =>
    expect(withoutQuotes(sql)).toBeUndefined(),
  )

  it('always ends, and never grows', () => {
    const marks = fc.constantFrom("'", '"', '--', '/*', '*/', '$$', '$a$', '\n', 'e', 'x', ';')
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 30 }), (parts) => {
        const sql = parts.join('')
        expect((withoutQuotes(sql) ?? '').length).toBeLessThanOrEqual(sql.length)
      }),
    )
  })
})
