// TOML parameter files: what the specification allows is read as Python's tomllib reads it, what it forbids is refused at its place.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readToml } from './read-toml.ts'
import { tomlLine, tomlText } from './write-toml.ts'

describe('TOML', () => {
  test('with everything the specification has', () => {
    const text = `# a comment
title = "Größe \\u00e9 \\U0001F600"
'quoted key' = 'C:\\path'
a.b.c = 1
numbers = [ +1_000, -0, 0xDEAD_BEEF, 0o755, 0b1101, 6.626e-34, # inner
  -3.5E2, ]
long = """
first \\
   second ""quoted"" """""
raw = '''
no \\escape'''
when = 1979-05-27T07:32:00Z
inline = {x = {y = 1}, "z.w" = [true, false]}

[owner]
name = "olga"
[owner.more.deep]
k = 1
[[points]]
x = 1
[points.at]
y = 2
[[points]]
x = 2
__proto__ = 3
`
    const read = readToml(text)
    expect(read).toMatchObject({
      title: 'Größe é 😀',
      'quoted key': 'C:\\path',
      a: { b: { c: 1 } },
      numbers: [1000, 0, 0xdeadbeef, 0o755, 13, 6.626e-34, -350],
      long: 'first second ""quoted"" ""',
      raw: 'no \\escape',
      when: '1979-05-27T07:32:00Z',
      inline: { x: { y: 1 }, 'z.w': [true, false] },
      owner: { name: 'olga', more: { deep: { k: 1 } } },
    })
    expect(Object.keys((read.points as object[])[1] ?? {})).toEqual(['x', '__proto__'])
  })

  test('with Windows line ends and a byte order mark', () => {
    expect(readToml('\uFEFFa = 1\r\n[b]\r\nc = """\r\nx\r\ny"""\r\n')).toEqual({
      a: 1,
      b: { c: 'x\ny' },
    })
  })

  test.each([
    ['a = 1\na = 2', 'line 2, column 1: a is given twice'],
    ['[a]\n[a]', 'line 2, column 1: [a] is given twice'],
    ['a = {b = 1}\n[a.c]', 'line 2, column 1: [a.c]: a has its value already'],
    ['a = {b = 1}\na.c = 2', 'line 2, column 1: a.c: a has its value already'],
    ['[a.b.c]\n[a]\nb.d = 1', 'line 3, column 1: b.d: b has its value already'],
    ['[f]\na.b = 1\n[f.a]', 'line 3, column 1: [f.a] is given twice'],
    ['a = [1]\n[[a]]', 'line 2, column 1: [[a]]: a has its value already'],
    ['[[a]]\n[a]', 'line 2, column 1: [a] is given twice'],
    ['x = 01', 'line 1, column 5: 01 is no value of TOML'],
    ['x = 1.', 'line 1, column 5: 1. is no value of TOML'],
    ['x = 1__0', 'line 1, column 5: 1__0 is no value'],
    ['x = yes', 'a text stands between quotation marks'],
    ['x = 2021-02-30', 'line 1, column 5: 2021-02-30 is no value'],
    ['x = 9007199254740993', 'the largest integer that is held exactly'],
    ['x = 1 y = 2', 'line 1, column 7: after a value or a header the line ends'],
    ['x =', 'line 1, column 4: a value is missing'],
    ['= 1', 'line 1, column 1: a key is missing'],
    ['x = "a\nb"', 'line 1, column 5: a text is never closed'],
    ['x = "\\q"', 'line 1, column 6: \\q is no escape'],
    ['x = "\\ud800"', 'is no escape'],
    ['x = "\u0001"', 'control character'],
    ['x = [1 2]', 'line 1, column 8: between items of an array stands a comma'],
    ['x = {a = 1,\n b = 2}', 'line 1, column 12: a key is missing'],
    ['x = {a = 1', 'an inline table is one line'],
    ['[a', 'the end of the file instead of ]'],
    ['x = [1,', 'line 1, column 5: an array is never closed'],
    ['a\n', 'the end of the line instead of ='],
  ])('%j is refused: %s', (text, sentence) => {
    expect(() => readToml(text)).toThrow(sentence)
  })

  const value = fc.letrec<{ any: unknown }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Number.isInteger(one)),
      fc.boolean(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.string(), tie('any'), { maxKeys: 3 }),
    ),
  })).any

  test('whatever is written is read again as it was', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value, { maxKeys: 4 }), (whole) => {
        const text = Object.entries(whole)
          .map(([name, one]) => tomlLine([name], tomlText(one, whole, name)))
          .join('')
        const plain = (one: unknown) => JSON.parse(JSON.stringify(one).replaceAll('-0,', '0,'))
        expect(plain(readToml(text))).toEqual(plain(whole))
      }),
      { numRuns: 500 },
    )
  })

  test('numbers and dates keep their form', () => {
    const read = readToml('a = {r = 1.0, n = 1, d = 1979-05-27, e = [1e5, 2.0]}')
    expect(tomlText(read.a, read, 'a')).toBe('{r = 1.0, n = 1, d = 1979-05-27, e = [1e5, 2.0]}')
  })

  test('nonsense ends in a sentence with a place, never in anything else', () => {
    const pieces = fc.constantFrom(
      ...[
        'a',
        '.',
        '=',
        ' ',
        '\n',
        '[',
        ']',
        '{',
        '}',
        ',',
        '"',
        "'",
        '"""',
        '\\',
        '1',
        '-',
        '0x',
        ':',
        '#',
        'true',
        '\r',
        '\u0000',
        '😀',
        '\ud800',
      ],
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        try {
          readToml(parts.join(''))
        } catch (error) {
          expect(String(error)).toMatch(/line \d+, column \d+: /)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
