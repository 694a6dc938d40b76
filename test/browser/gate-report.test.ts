// The gate report and the model card in a real browser: readable offline, in light and dark, on a telephone and on a desk.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { htmlCard } from '../../src/release/card/card-page.ts'
import { sampleCard, scoredRows } from '../../src/release/card/sample-card.ts'
import {
  multiclassRows,
  rankingRows,
  regressionRows,
  sampleGroups,
} from '../../src/release/card/sample-tasks.ts'
import { gateReportPage } from '../../src/release/report/report-page.ts'
import { driftCheck } from '../../src/release/report/sample-drift.ts'
import { factsOf, reportWith, sampleReport } from '../../src/release/report/sample-report.ts'
import type { Scored } from '../../src/verify/metrics/scored.ts'
import { type Look, leastContrast, openBrowser, stickingOut, withPage } from './open-page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

const looks: Look[] = [
  { width: 1280, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
  { width: 380, scheme: 'light' },
  { width: 380, scheme: 'dark' },
]
const ofTask = (scored: Scored) =>
  gateReportPage(reportWith([], factsOf(scored, sampleGroups(scored.labels.length))))
const manyClasses = Array.from({ length: 40 }, (_, at) => `a class of number ${at}`)
const pages = {
  'the gate report': () => gateReportPage(sampleReport()),
  'a report of drift': () => gateReportPage(reportWith([driftCheck(['age', 'colour', 'height'])])),
  'a report of four classes': () => ofTask(multiclassRows(600)),
  'a report of forty classes': () => ofTask(multiclassRows(600, manyClasses)),
  'a report of amounts': () => ofTask(regressionRows(600)),
  'a report of rankings': () => ofTask(rankingRows(60)),
  'the model card': () => htmlCard(sampleCard()),
}

for (const [name, html] of Object.entries(pages)) {
  describe(name, () => {
    test('is one file below a megabyte', () => {
      expect(Buffer.byteLength(html())).toBeLessThan(1_000_000)
    })

    test.each(looks)('is whole at $width pixels in $scheme', async (look) => {
      await withPage(browser, html(), look, async ({ page, complaints }) => {
        expect(complaints).toEqual([])
        expect(await page.locator('h1').isVisible()).toBe(true)
        expect(await stickingOut(page)).toEqual([])
        const { ratio, what } = await leastContrast(page)
        expect(ratio, what).toBeGreaterThan(4.5)
      })
    })
  })
}

describe('the gate report', () => {
  test('shows what failed first, each with its interval and limit', async () => {
    await withPage(browser, gateReportPage(sampleReport()), looks[0] as Look, async ({ page }) => {
      const badges = await page
        .locator('section[aria-labelledby=checks] tbody .badge')
        .allInnerTexts()
      expect(badges[0]).toContain('fail')
      const [plot] = await page.locator('svg.bounds').all()
      expect((await plot?.boundingBox())?.width).toBeGreaterThan(150)
      expect(await page.locator('section[aria-labelledby=groups] figure').count()).toBeGreaterThan(
        0,
      )
      expect(await page.locator('#roc-t').count()).toBe(1)
    })
  })

  test('draws drift with both sides inside the frame, and classes as shaded cells', async () => {
    const drift = gateReportPage(reportWith([driftCheck(['age', 'colour'])]))
    await withPage(browser, drift, looks[0] as Look, async ({ page }) => {
      const figures = page.locator('section[aria-labelledby=drift] figure')
      expect(await figures.count()).toBe(2)
      const frame = await figures.first().locator('svg').boundingBox()
      for (const path of await figures.first().locator('path.step').all()) {
        const box = await path.boundingBox()
        expect(box?.y ?? 0).toBeGreaterThanOrEqual(frame?.y ?? 0)
        expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(
          (frame?.x ?? 0) + (frame?.width ?? 0),
        )
      }
    })
    await withPage(browser, ofTask(multiclassRows(600)), looks[1] as Look, async ({ page }) => {
      const shade = (cell: string) =>
        page.evaluate(`getComputedStyle(document.querySelector('${cell}')).backgroundColor`)
      const [hit, miss] = [await shade('td[class^=hit]'), await shade('td[class^=miss]')]
      expect(hit).not.toBe(miss)
    })
  })

  test('shows every group with its numbers', async () => {
    const { groups, ...rows } = scoredRows(500)
    const html = gateReportPage(reportWith([], factsOf(rows, groups)))
    await withPage(browser, html, looks[2] as Look, async ({ page }) => {
      const female = page.getByRole('columnheader', { name: 'Female' })
      const table = page.locator('table').filter({ has: female })
      expect(await table.locator('thead th').allInnerTexts()).toEqual(['sex', 'Female', 'Male'])
    })
  })
})
