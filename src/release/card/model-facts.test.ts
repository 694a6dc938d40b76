// What gating records of a model to draw: every row counted once, nothing that grows with the rows, and old records readable.
import { describe, expect, test } from 'vitest'
import type { CheckResult } from '../../verify/gates/check-result.ts'
import { markdownCard } from './card-markdown.ts'
import { htmlCard } from './card-page.ts'
import { type ModelEvidence, modelFactsOf, readModelFacts } from './model-facts.ts'
import { multiclassFigures } from './multiclass-figures.ts'
import { performanceFacts } from './performance-facts.ts'
import { rankingFigures } from './ranking-figures.ts'
import { regressionFigures } from './regression-figures.ts'
import { sampleCard, scoredRows } from './sample-card.ts'
import { sampleCheck, specOf } from './sample-checks.ts'
import {
  animals,
  multiclassRows,
  rankingRows,
  regressionRows,
  sampleGroups,
} from './sample-tasks.ts'
import { taskFacts } from './task-facts.ts'

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)

function factsOf(
  scored: ModelEvidence['scored'],
  groups: ModelEvidence['groups'] = new Map(),
  checks: readonly CheckResult[] = [],
) {
  const gates = [{ name: 'quality', verdict: 'pass' as const, checks }]
  return modelFactsOf({ scored, groups, report: { verdict: 'pass', gates } })
}

describe('several classes', () => {
  test('every row is in one cell; shares of a class have intervals around them', () => {
    const figures = multiclassFigures(multiclassRows(1000))
    expect(figures.classes.toSorted()).toEqual(animals.toSorted())
    expect(sum(figures.confusion.flat())).toBe(1000)
    expect(sum(figures.calibration.map(({ rows }) => rows))).toBe(1000)
    for (const [at, { rows, recall }] of figures.perClass.entries()) {
      expect(rows).toBe(sum(figures.confusion[at] ?? []))
      expect(recall.lower).toBeLessThan(recall.estimate ?? 0)
    }
  })

  test('a hundred classes become a table that fits a page', () => {
    const names = Array.from({ length: 100 }, (_, at) => `kind ${at}`)
    const { classes, confusion, joined, perClass } = multiclassFigures(multiclassRows(2000, names))
    expect(classes).toHaveLength(16)
    expect(classes.at(-1)).toBe('85 other classes')
    expect(joined).toBe(85)
    expect(sum(confusion.flat())).toBe(2000)
    expect(perClass).toHaveLength(30)
  })

  test('a class nobody is answered with has no precision', () => {
    const rows = multiclassRows(3)
    const sure = Float64Array.from(rows.scores, (_, at) => (at % 4 === 0 ? 1 : 0))
    const cats = multiclassFigures({ ...rows, scores: sure })
    const other = cats.perClass.find(({ name }) => name === 'dog')
    expect(other?.precision).toMatchObject({ n: 0, estimate: null })
  })
})

describe('amounts', () => {
  const figures = regressionFigures(regressionRows(2000))

  test('every row is on the grid or beyond it, and in the histogram', () => {
    const { agreement, residuals } = figures
    expect(sum(agreement.cells.map(([, , rows]) => rows)) + agreement.outside).toBe(2000)
    expect(sum(residuals.counts) + residuals.below + residuals.above).toBe(2000)
  })

  test('tenths by rising prediction show where the error grows', () => {
    expect(figures.deciles.map(({ rows }) => rows)).toEqual(new Array(10).fill(200))
    expect(figures.deciles.at(-1)?.mae).toBeGreaterThan(3 * (figures.deciles[0]?.mae ?? 0))
    expect(figures.deciles[0]?.bias).toBeCloseTo(4, 0)
  })

  test('one answer for every row is one part, and one value is no fault', () => {
    const same = new Float64Array(50).fill(7)
    const flat = regressionFigures({ task: 'regression', labels: same, scores: same })
    expect(flat.deciles).toHaveLength(1)
    expect(sum(flat.residuals.counts)).toBe(50)
  })

  test('the order of the rows does not matter', () => {
    const { labels, scores } = regressionRows(500)
    const turned = regressionFigures({
      task: 'regression',
      labels: labels.toReversed(),
      scores: scores.toReversed(),
    })
    const { agreement, residuals } = regressionFigures({ task: 'regression', labels, scores })
    expect(turned).toMatchObject({ agreement, residuals })
  })
})

test('rankings: every query is drawn once, or counted as hopeless', () => {
  const { queries, hopeless, perQuery } = rankingFigures(rankingRows(200))
  expect(queries).toBe(200)
  for (const { counts } of perQuery) expect(sum(counts) + hopeless).toBe(200)
})

describe('groups', () => {
  const { groups, ...scored } = scoredRows(1500)

  test('have every metric, sizes, and the disparity over all rows', () => {
    const [panel] = factsOf(scored, groups).panels ?? []
    expect(panel?.by).toBe('sex')
    expect(sum(panel?.groups.map(({ rows }) => rows) ?? [])).toBe(1500)
    expect(panel?.theil).toBeGreaterThan(0)
    const [first] = panel?.groups ?? []
    expect(first?.disparity).not.toBeNull()
    expect(first?.metrics.map(({ name }) => name)).toContain('average_precision')
    expect(first?.metrics.find(({ name }) => name === 'ece@15u')?.lower).toBeNull()
  })

  test('a condition of a check becomes the strata of the disparity', () => {
    const region = Array.from({ length: 1500 }, (_, row) => (row % 2 === 0 ? 'north' : 'south'))
    const check = sampleCheck('pass', {
      spec: specOf('gap(tpr) <= 0.1', { by: 'sex', given: 'region' }),
    })
    const facts = factsOf(scored, new Map([...groups, ['region', region]]), [check])
    expect(facts.panels?.map(({ by, given }) => [by, given])).toEqual([
      ['sex', ['region']],
      ['region', []],
    ])
  })

  test('of a column with hundreds of values the largest are listed; a missing one is a group', () => {
    const many = Array.from({ length: 1500 }, (_, row) => (row < 700 ? null : `group ${row % 90}`))
    const [panel] = factsOf(scored, new Map([['many', many]])).panels ?? []
    expect(panel?.groups).toHaveLength(20)
    expect(panel?.left).toBe(71)
    expect(panel?.groups[0]).toMatchObject({ isMissing: true, rows: 700 })
  })

  test('what is undefined says what it needs and what another tool prints', () => {
    const column = Array.from({ length: 1500 }, (_, row) => (row < 3 ? 'tiny' : 'rest'))
    const labels = scored.labels.map((label, row) => (row < 3 ? 0 : label))
    const [panel] = factsOf({ ...scored, labels }, new Map([['size', column]])).panels ?? []
    const tiny = panel?.groups.find(({ group }) => group === 'tiny')
    expect(tiny?.metrics.find(({ name }) => name === 'recall')).toMatchObject({
      estimate: null,
      because: expect.stringMatching(/^undefined: it needs positives \(scikit-learn prints 0\)$/),
    })
  })
})

test('a check of a calibration error has the error that chance alone would show', () => {
  const { groups: _, ...scored } = scoredRows(800)
  const ece = sampleCheck('pass', { spec: specOf('ece@10q <= 0.05') })
  const [found] = factsOf(scored, new Map(), [ece, ece]).expected ?? []
  expect(found?.metric).toBe('ece@10q')
  expect(found?.upper).toBeGreaterThan(found?.mean ?? 1)
})

describe('records', () => {
  test('do not grow with the rows', () => {
    const size = (facts: unknown) => JSON.stringify(facts).length
    expect(size(factsOf(regressionRows(20_000), sampleGroups(20_000)))).toBeLessThan(40_000)
    expect(size(factsOf(multiclassRows(20_000), sampleGroups(20_000)))).toBeLessThan(40_000)
    expect(size(factsOf(rankingRows(2000)))).toBeLessThan(10_000)
  })

  test('of before are still read: curves without a task, metrics without figures', () => {
    const { figures: _, ...old } = taskFacts(regressionRows(100))
    for (const facts of [performanceFacts(scoredRows(100)), old])
      expect(readModelFacts(JSON.parse(JSON.stringify(facts)))).toEqual(
        JSON.parse(JSON.stringify(facts)),
      )
    for (const other of [null, 7, {}, { rows: 3 }, []]) expect(readModelFacts(other)).toBeNull()
    const card = sampleCard()
    const request = { ...card, facts: { ...card.facts, performance: null, otherTask: old } }
    expect(htmlCard(request)).toContain('A regression model')
  })

  test('become the card of every task, on the page and in Markdown', () => {
    const card = sampleCard()
    const cardOf = (otherTask: ReturnType<typeof taskFacts>) => ({
      ...card,
      facts: { ...card.facts, performance: null, otherTask },
    })
    const classes = cardOf(taskFacts(multiclassRows(300)))
    expect(htmlCard(classes)).toContain('&lt;b&gt;goat&lt;/b&gt;')
    expect(htmlCard(classes)).not.toContain('<b>goat')
    expect(markdownCard(classes)).toContain('### By class')
    expect(markdownCard(classes)).not.toContain('<b>goat')
    expect(markdownCard(cardOf(taskFacts(regressionRows(300))))).toContain(
      '### By rising prediction',
    )
    expect(htmlCard(cardOf(taskFacts(rankingRows(40))))).toContain('Queries by NDCG@10')
  })
})
