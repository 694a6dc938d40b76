// One word, one meaning (docs/language.md): names that say nothing are forbidden, and so are the words other tools use for our things.
import { describe, expect, test } from 'vitest'
import { lineAt } from './source-text.ts'
import { filesBelow, type SourceFile, sourcesBelow } from './source-tree.ts'

const files = ['src', 'test', 'benchmarks'].flatMap((folder) => sourcesBelow(folder))
const program = sourcesBelow('src').filter((file) => !file.isTest)

/** Words that say nothing about the thing they name. */
const emptyWords = /^(managers?|helpers?|utils?|services?|misc|stuff|impl|v[2-9])$/
/** As the name of a whole file or folder these say as little. */
const emptyFileWords = /^(common|shared|types|constants|interfaces|index|core|lib)$/
/** What other tools call a step, a run, a rollout, … */
const foreignWords = /^(workflows?|deployer|experiments?)$/

interface Name {
  readonly name: string
  readonly place: string
}

/** What a file declares, not what it uses: others may call their things as they like. */
function declaredNames(file: SourceFile): Name[] {
  const patterns = [
    /\b(?:const|let|function\*?|class|interface|type)\s+([A-Za-z_$][\w$]*)/g,
    /\b(?:readonly)\s+([A-Za-z_$][\w$]*)\??:/g,
  ]
  return patterns.flatMap((pattern) =>
    [...file.code.matchAll(pattern)].map((match) => ({
      name: match[1] ?? '',
      place: `${file.path}:${lineAt(file.code, match.index)}`,
    })),
  )
}

/** `parseHTTPHeaderLine` → parse, http, header, line. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase())
}

const named = (names: readonly Name[], words: RegExp) =>
  names
    .filter(({ name }) => wordsOf(name).some((word) => words.test(word)))
    .map(({ name, place }) => `${place} ${name}`)

describe('a name', () => {
  const ownNames = files.flatMap(declaredNames)

  test('says something', () => {
    expect(named(ownNames, emptyWords)).toEqual([])
  })

  test('is more than "data", "info" or "handle"', () => {
    const whole = /^(data|info|handle|obj|tmp|foo|thing)$/
    const declared = program.flatMap((file) =>
      [...file.code.matchAll(/\b(?:const|let|function|class|interface|type)\s+([\w$]+)/g)]
        .filter((match) => whole.test(match[1] ?? ''))
        .map((match) => `${file.path}:${lineAt(file.code, match.index)} ${match[1]}`),
    )
    expect(declared).toEqual([])
  })

  test('is ours, where we have a word for it', () => {
    const programNames = program.flatMap(declaredNames)
    expect(named(programNames, foreignWords)).toEqual([])
  })

  test('of an interface has no I before it', () => {
    const found = files.flatMap((file) =>
      [...file.code.matchAll(/\binterface\s+(I[A-Z]\w*)/g)].map(
        (match) => `${file.path}:${lineAt(file.code, match.index)} ${match[1]}`,
      ),
    )
    expect(found).toEqual([])
  })
})

describe('a file', () => {
  const paths = ['src', 'test', 'benchmarks', 'docs', 'bin'].flatMap(filesBelow)

  test('is named for what it holds', () => {
    const found = paths.filter((path) =>
      path
        .split('/')
        .slice(1)
        .map((part) => part.replace(/\..*$/, ''))
        .some(
          (part) =>
            emptyFileWords.test(part) || part.split('-').some((word) => emptyWords.test(word)),
        ),
    )
    expect(found).toEqual([])
  })

  test('of TypeScript is named in kebab-case', () => {
    const found = paths
      .filter((path) => path.endsWith('.ts'))
      .filter((path) => !/^[a-z0-9-]+(\.test)?\.ts$/.test(path.split('/').at(-1) ?? ''))
    expect(found).toEqual([])
  })
})

test('no enums, namespaces or parameter properties: types are erased, nothing else', () => {
  const found = files.flatMap((file) =>
    [
      ...file.code.matchAll(
        /^\s*(?:export\s+)?(?:const\s+)?(?:enum|namespace)\s+\w+|constructor\([^){]*\b(?:private|public|protected|readonly)\s/gm,
      ),
    ].map((match) => `${file.path}:${lineAt(file.code, match.index)} ${match[0].trim()}`),
  )
  expect(found).toEqual([])
})
