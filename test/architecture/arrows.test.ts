// The arrows of the house: who may import whom. Type-only and lazy imports obey too, because a reader follows them all the same.
import { describe, expect, test } from 'vitest'
import { allowedBelow, folderOf, foldersOf, roomOf, rooms } from './rooms.ts'
import { filesBelow, type Import, type SourceFile, sourcesBelow } from './source-tree.ts'

const program = sourcesBelow('src').filter((file) => !file.isTest)
const withTests = sourcesBelow('src')

/** One sentence for each import that breaks the rule. */
function violations(
  files: readonly SourceFile[],
  judge: (file: SourceFile, found: Import, target: string) => string | null,
): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((found) => {
      const because = found.file === null ? null : judge(file, found, found.file)
      return because === null
        ? []
        : [`${file.path}:${found.line} imports ${found.file}: ${because}`]
    }),
  )
}

describe('the rooms', () => {
  test('are the folders of src, all of them', () => {
    const there = new Set(filesBelow('src').map(roomOf))
    expect([...there].filter((room) => room === null || !rooms.includes(room))).toEqual([])
  })

  test('import only rooms below them', () => {
    const found = violations(withTests, (file, _, target) => {
      const [own, other] = [roomOf(file.path), roomOf(target)]
      if (own === null || other === null || own === other) return null
      return rooms.indexOf(other) < rooms.indexOf(own) ? null : `${other} lies above ${own}`
    })
    expect(found).toEqual([])
  })

  test('that must stay thin see only what they are allowed to see', () => {
    const found = violations(program, (file, _, target) => {
      for (const [part, allowed] of Object.entries(allowedBelow)) {
        if (!isIn(file.path, part) || isIn(target, part)) continue
        if (!allowed.some((place) => isIn(target, place))) {
          return `${part} may import only ${allowed.join(', ')}`
        }
      }
      return null
    })
    expect(found).toEqual([])
  })

  test('never import main: it is the roof', () => {
    const found = violations(program, (file, _, target) =>
      isIn(target, 'src/main') && !isIn(file.path, 'src/main') ? 'nobody imports main' : null,
    )
    expect(found).toEqual([])
  })
})

describe('inside a room', () => {
  test('every folder has its place in the order', () => {
    const unknown = new Set<string>()
    // A folder without code holds values recorded for tests.
    for (const path of filesBelow('src').filter((path) => path.endsWith('.ts'))) {
      const [room, folder] = [roomOf(path) ?? '', folderOf(path)]
      const isPlaced = folder === '.' || foldersOf[room]?.includes(folder)
      if (!isPlaced) unknown.add(`src/${room}/${folder}`)
    }
    expect([...unknown]).toEqual([])
  })

  test('an earlier folder never imports a later one', () => {
    const found = violations(program, (file, _, target) => {
      const room = roomOf(file.path) ?? ''
      const order = foldersOf[room]
      if (order === undefined || roomOf(target) !== room) return null
      const [own, other] = [order.indexOf(folderOf(file.path)), order.indexOf(folderOf(target))]
      if (own === -1 || other === -1 || other <= own) return null
      return `${folderOf(target)} comes after ${folderOf(file.path)} in ${room}`
    })
    expect(found).toEqual([])
  })
})

describe('the program', () => {
  test('never imports its tests', () => {
    const found = violations(program, (_, __, target) => {
      if (isIn(target, 'test') || /\.test\.ts$/.test(target)) return 'that is a test'
      return isIn(target, 'src') ? null : 'that is outside src'
    })
    expect(found).toEqual([])
  })

  test('never imports the samples its tests share', () => {
    const samples = new Set(withTests.filter((file) => file.isTest).map((file) => file.path))
    const found = violations(program, (_, __, target) =>
      samples.has(target) ? 'that is a sample for tests' : null,
    )
    expect(found).toEqual([])
  })

  test('imports files that exist', () => {
    const there = new Set(filesBelow('src').concat(filesBelow('test')))
    const found = violations(withTests, (_, __, target) =>
      there.has(target) || !target.endsWith('.ts') ? null : 'there is no such file',
    )
    expect(found).toEqual([])
  })

  test('has no barrels: nothing is exported that was defined elsewhere', () => {
    const found = program.flatMap((file) =>
      [...file.code.matchAll(/^export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*from\b/gm)].map(
        (match) => `${file.path}: ${match[0]}`,
      ),
    )
    expect(found).toEqual([])
  })
})

test('the contract of the API fits into a browser: it imports zod and itself', () => {
  const found = program
    .filter((file) => isIn(file.path, 'src/api/contract'))
    .flatMap((file) =>
      file.imports
        .filter(({ file: target, from }) => target === null && from !== 'zod')
        .map(({ from, line }) => `${file.path}:${line} imports ${from}`),
    )
  expect(found).toEqual([])
})

function isIn(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`)
}
