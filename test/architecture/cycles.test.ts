// No import cycles between files: a cycle means two ideas that were never told apart. Type-only imports count.
import { expect, test } from 'vitest'
import { sourcesBelow } from './source-tree.ts'

test('no file imports itself in the end', () => {
  const imports = new Map(
    sourcesBelow('src').map((file) => [
      file.path,
      file.imports.flatMap((found) => (found.file === null ? [] : [found.file])),
    ]),
  )
  const cycles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start !== -1) {
      cycles.push([...trail.slice(start), path].join(' → '))
      return
    }
    if (done.has(path)) return
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of imports.keys()) visit(path, [])
  expect(cycles).toEqual([])
})
