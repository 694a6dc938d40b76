// Files up to 300 lines, functions up to 80, tests exempt, no exceptions: past that an idea wants a second name.
import { describe, expect, test } from 'vitest'
import { functionSizes } from './function-sizes.ts'
import { readSource } from './source-text.ts'
import { sourcesBelow } from './source-tree.ts'

const longestFile = 300
const longestFunction = 80
const program = [...sourcesBelow('src'), ...sourcesBelow('benchmarks')].filter(
  (file) => !file.isTest,
)

test(`no file is longer than ${longestFile} lines`, () => {
  const found = program
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > longestFile)
    .map(({ path, lines }) => `${path} has ${lines} lines`)
  expect(found).toEqual([])
})

test(`no function is longer than ${longestFunction} lines`, () => {
  const found = program.flatMap((file) =>
    functionSizes(file.code)
      .filter(({ lines }) => lines > longestFunction)
      .map(({ line, lines }) => `${file.path}:${line} is a function of ${lines} lines`),
  )
  expect(found).toEqual([])
})

test('every file opens with what it is', () => {
  const found = program
    .filter((file) => !/^(#![^\n]*\n)?(\/\/ |\/\*\*?[ \n])/.test(file.text))
    .map((file) => file.path)
  expect(found).toEqual([])
})

describe('the measure itself', () => {
  const sizes = (text: string) =>
    functionSizes(readSource(text).code)
      .map(({ line, lines }) => `${line}+${lines}`)
      .sort()

  test('sees functions, methods, arrows and what is nested in them', () => {
    const text = [
      'export async function a(x: number): Promise<{ b: string }> {',
      '  if (x > 1) {',
      '    return c.map((d) => {',
      '      return { b: d }',
      '    })',
      '  }',
      '}',
      'const o = {',
      '  method(x: string): readonly string[] {',
      '    return [x]',
      '  },',
      '}',
    ].join('\n')
    expect(sizes(text)).toEqual(['1+5', '3+3', '9+3'])
  })

  test('is not fooled by braces in strings, templates, patterns and comments', () => {
    const text = [
      'function a() {',
      "  const b = '}' // }",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the text under test has a template
      '  const c = `}${b.replace(/}/g, "}")}}`',
      '  return b + c',
      '}',
      'interface D {',
      '  readonly e: string',
      '}',
    ].join('\n')
    expect(sizes(text)).toEqual(['1+5'])
  })
})
