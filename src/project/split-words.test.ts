// Commands are split into words without a shell: what is quoted stays together, nothing is expanded.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitWords } from './split-words.ts'

test.each([
  ['python train.py', ['python', 'train.py']],
  ['  a\t b\n c ', ['a', 'b', 'c']],
  [`--where "split = 'train'" --out x`, ['--where', "split = 'train'", '--out', 'x']],
  [`a'b c'd"e f"g`, ['ab cde fg']],
  [`'' ""`, ['', '']],
  [String.raw`a\ b \"c \\`, ['a b', '"c', '\\']],
  [String.raw`"a\"b\\c\d"`, [String.raw`a"b\c\d`]],
  [String.raw`'a\b'`, [String.raw`a\b`]],
  ['$HOME *.csv ~', ['$HOME', '*.csv', '~']],
  ['', []],
  ['   ', []],
])('%j', (line, words) => expect(splitWords(line)).toEqual(words))

test.each([`'open`, `"open`, `"open\\"`, 'ends in \\', `a 'b" c`])('%j is never closed', (line) =>
  expect(splitWords(line)).toBeNull(),
)

test('any words, quoted either way and joined by blanks, come back', () => {
  const single = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
  const double = (word: string) => `"${word.replace(/["\\]/g, '\\$&')}"`
  const quoted = fc.tuple(fc.string(), fc.constantFrom(single, double))
  fc.assert(
    fc.property(fc.array(quoted), fc.constantFrom(' ', '\t', '\n', '  '), (pairs, blank) => {
      const line = pairs.map(([word, quote]) => quote(word)).join(blank)
      expect(splitWords(line)).toEqual(pairs.map(([word]) => word))
    }),
    { numRuns: 500 },
  )
})
