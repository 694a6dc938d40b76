// Prose rots first: what the documents point at must exist, headings and files alike, and so must the documents that the code points at.
import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesBelow, readText, root, sourcesBelow } from './source-tree.ts'

const documents = filesBelow('.').filter((path) => path.endsWith('.md'))

/** Links of a document with their line, code blocks left out. */
function linksOf(path: string): { readonly to: string; readonly line: number }[] {
  return proseLines(path).flatMap(({ text, line }) =>
    [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].map((match) => ({
      to: match[1] ?? '',
      line,
    })),
  )
}

function proseLines(path: string): { readonly text: string; readonly line: number }[] {
  let inBlock = false
  return readText(path)
    .split('\n')
    .map((text, index) => ({ text, line: index + 1 }))
    .filter(({ text }) => {
      if (!/^\s*(```|~~~)/.test(text)) return !inBlock
      inBlock = !inBlock
      return false
    })
}

/** As the usual viewers make them from a heading. */
function anchorsOf(path: string): Set<string> {
  return new Set(
    proseLines(path)
      .filter(({ text }) => /^#{1,6} /.test(text))
      .map(({ text }) =>
        text
          .replace(/^#+ /, '')
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, '')
          .replaceAll(' ', '-'),
      ),
  )
}

describe('links in documents', () => {
  test('lead to files that are there', () => {
    const dead = documents.flatMap((path) =>
      linksOf(path)
        .filter(({ to }) => !/^[a-z]+:/i.test(to) && !to.startsWith('#'))
        .filter(({ to }) => !existsSync(join(root, dirname(path), to.split('#')[0] ?? '')))
        .map(({ to, line }) => `${path}:${line} → ${to}`),
    )
    expect(dead).toEqual([])
  })

  test('lead to headings that are there', () => {
    const dead = documents.flatMap((path) =>
      linksOf(path)
        .filter(({ to }) => !/^[a-z]+:/i.test(to) && to.includes('#'))
        .filter(({ to }) => {
          const [file = '', anchor = ''] = to.split('#')
          const target = file === '' ? path : join(dirname(path), file)
          return target.endsWith('.md') && !anchorsOf(target).has(anchor)
        })
        .map(({ to, line }) => `${path}:${line} → ${to}`),
    )
    expect(dead).toEqual([])
  })
})

describe('paths', () => {
  const ours =
    /^(?:src|test|docs|bin|examples|benchmarks|\.ci)\/[\w./@-]*$|^(?:README|ARCHITECTURE|CONTRIBUTING|CHANGELOG)\.md$/

  test('named in documents exist', () => {
    const dead = documents.flatMap((path) =>
      proseLines(path).flatMap(({ text, line }) =>
        [...text.matchAll(/`([^`\s]+)`/g)]
          .map((match) => match[1] ?? '')
          .filter((named) => ours.test(named) && !exists(named))
          .map((named) => `${path}:${line} ${named}`),
      ),
    )
    expect(dead).toEqual([])
  })

  test('of documents named in code exist', () => {
    const dead = [...sourcesBelow('src'), ...sourcesBelow('test')].flatMap(({ path, text }) =>
      [...text.matchAll(/\b(docs\/[\w./-]+|[A-Z]+)\.(md|json)\b/g)]
        .map((match) => match[0])
        .filter((named) => named.startsWith('docs/') || ours.test(named))
        .filter((named) => !exists(named))
        .map((named) => `${path} names ${named}`),
    )
    expect(dead).toEqual([])
  })
})

test('every decision has a number, a title and at most 60 lines', () => {
  const wrong = filesBelow('docs/adr').filter((path) => {
    const text = readText(path)
    const lines = text.trimEnd().split('\n').length
    return !/^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/.test(path) || !text.startsWith('# ') || lines > 60
  })
  expect(wrong).toEqual([])
})

function exists(path: string): boolean {
  const full = join(root, path)
  return existsSync(full) && (!path.endsWith('/') || statSync(full).isDirectory())
}
