// The gate report and the model card in a real browser: readable offline, in light and dark, on a telephone and on a desk.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { htmlCard } from '../../src/release/card/card-page.ts'
import { sampleCard } from '../../src/release/card/sample-card.ts'
import { gateReportPage } from '../../src/release/report/report-page.ts'
import { sampleReport } from '../../src/release/report/sample-report.ts'
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
const pages = {
  'the gate report': () => gateReportPage(sampleReport()),
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
})
