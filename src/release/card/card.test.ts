// The model card in both forms: what it says, that nothing can break out of it, and that it is the same each time.
import { describe, expect, test } from 'vitest'
import { aliasOf } from '../alias.ts'
import { manifestDigest } from '../manifest.ts'
import { manifest } from '../sample-release.ts'
import { markdownCard } from './card-markdown.ts'
import { htmlCard } from './card-page.ts'
import { bareFacts } from './card-request.ts'
import { missingSections, readStatement } from './card-statement.ts'
import { sampleCard } from './sample-card.ts'
import { statementHtml } from './statement-html.ts'

const written = `---
license: mit
---
# Income

Guesses **incomes**.

## Intended use
- teaching
- [the data](https://example.org/a)

## Known limits
Old rows.
`

describe('as Markdown', () => {
  test('it says what the release is and how it was judged', () => {
    const card = markdownCard(sampleCard(written))
    expect(card).toContain(`# income, release 3 (${aliasOf(manifestDigest(manifest))})`)
    expect(card).toContain('Gates: **pass** (1 pass).')
    expect(card).toContain('| input | age | FP32 | [N, 1] |')
    expect(card).toContain('| quality | roc_auc >= 0.9 | pass | 0.92 \\| at least 0.9 |')
    expect(card).toContain('| seed | 7 |')
    expect(card).toContain('Signed by a-key')
    expect(card).toContain('## Intended use\n\n- teaching')
    expect(card).toContain('| Female | ')
    expect(card).not.toContain('license')
  })

  test('a release sealed without facts still has a card', () => {
    const card = markdownCard({ manifest, number: 3, facts: bareFacts(manifest, []) })
    expect(card).toContain('Nothing was recorded.')
    expect(card).toContain(
      'Nobody has written down: intended use, limitations, ethical considerations',
    )
  })
})

describe('as a page', () => {
  test('it needs nothing from elsewhere and is small', () => {
    const page = htmlCard(sampleCard(written))
    expect(page.length).toBeLessThan(120_000)
    expect(page).toContain("default-src 'none'")
    const fetched = [...page.matchAll(/\b(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)/g)]
    expect(fetched.map(([, target]) => target)).toEqual(['https://example.org/a'])
    expect(page).not.toMatch(/<script|<img|<link|@import/i)
  })

  test('every plot has a title and a description, every heading one of its own', () => {
    const page = htmlCard(sampleCard(written))
    const plots = [...page.matchAll(/<svg viewBox[^>]*aria-labelledby="(\S+) (\S+)"/g)]
    expect(plots.length).toBeGreaterThanOrEqual(9)
    for (const [, title, description] of plots) {
      expect(page).toMatch(new RegExp(`<title id="${title}">[^<]+</title>`))
      expect(page).toMatch(new RegExp(`<desc id="${description}">[^<]+</desc>`))
    }
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(page.match(/<h1>/g)).toHaveLength(1)
  })

  test('names of others stay text wherever they come from', () => {
    const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'
    const sample = sampleCard(
      `# x\n\n${evil}\n\n## ${evil}\n\n\`${evil}\`\n\n[a](javascript:alert(1))`,
    )
    const { facts } = sample
    const page = htmlCard({
      ...sample,
      manifest: {
        ...manifest,
        model: evil,
        project: evil,
        parameters: { [evil]: evil },
        code: { ...manifest.code, authors: [evil] },
        datasets: [{ ...manifest.datasets[0], name: evil } as (typeof manifest.datasets)[number]],
      },
      facts: {
        ...facts,
        model: { name: evil, owner: evil, description: evil },
        gates: facts.gates.map((gate) => ({ ...gate, name: evil, verdict: evil })),
        performance: facts.performance && {
          ...facts.performance,
          groups: facts.performance.groups.map((group) => ({
            ...group,
            column: evil,
            groups: group.groups.map((one) => ({ ...one, name: evil })),
          })),
        },
      },
      environments: { [evil]: evil },
      rebuilds: [{ level: evil, because: evil, finishedAt: evil }],
      signedBy: evil,
    })
    expect(page).not.toMatch(/<script|<img|href="javascript|\u202e/i)
    expect(page).not.toMatch(/<[^>]*\sonerror=/)
  })

  test('is the same each time', () => {
    expect(htmlCard(sampleCard(written))).toBe(htmlCard(sampleCard(written)))
  })
})

describe('what people wrote', () => {
  test('is read by headings, without front matter; code keeps its hashes', () => {
    const { sections } = readStatement(`${written}\n## Ethics\n\`\`\`\n# no heading\n\`\`\`\n`)
    expect(sections.map(({ heading }) => heading)).toEqual([
      'Income',
      'Intended use',
      'Known limits',
      'Ethics',
    ])
    expect(sections.at(-1)?.text).toContain('# no heading')
    expect(missingSections({ sections })).toEqual([])
  })

  test('becomes paragraphs, lists, code and links', () => {
    const { html } = statementHtml(
      'a **b** *c* `<d>` [e](https://f.org)\n\n1. one\n2. two\n   more',
    )
    expect(html).toBe(
      '<p>a <strong>b</strong> <em>c</em> <code>&lt;d&gt;</code> <a href="https://f.org" rel="noopener noreferrer">e</a></p>\n<ol><li>one</li><li>two more</li></ol>',
    )
    expect(statementHtml('a lone ` tick').html).toBe('<p>a lone ` tick</p>')
  })
})
