// A page of ours in a real browser: opened from a file, without a network, and looked at as a person would.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

export interface OpenPage {
  readonly page: Page
  /** Errors of the page and requests it made beyond its own file. */
  readonly complaints: string[]
}

export interface Look {
  readonly width: number
  readonly scheme: 'light' | 'dark'
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
}

/** Opens `html` as a file and closes it after `look`. */
export async function withPage(
  browser: Browser,
  html: string,
  { width, scheme }: Look,
  look: (open: OpenPage) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-page-'))
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, colorScheme: scheme, offline: true },
  })
  try {
    const file = join(folder, 'page.html')
    await writeFile(file, html)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().endsWith('/page.html')) complaints.push(`asked for ${request.url()}`)
    })
    await page.goto(`file://${file}`)
    await look({ page, complaints })
  } finally {
    await context.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Things that stick out of the window to the side: [what, its right edge in pixels]. Inside a scrolling box is fine. */
export function stickingOut(page: Page): Promise<(readonly [string, number])[]> {
  // As text, because it runs in the page and its types are not ours.
  return page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((one) => one.closest('.scroll') === null || one.classList.contains('scroll'))
    .filter((one) => one.closest('svg') === null || one.tagName === 'svg')
    .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().right])
    .filter(([, right]) => right > document.documentElement.clientWidth + 1)`)
}

/** The smallest contrast of text against what is behind it (WCAG 2.1, relative luminance); 4.5 is readable. */
export function leastContrast(
  page: Page,
): Promise<{ readonly ratio: number; readonly what: string }> {
  return page.evaluate(`(() => {
    const channel = (value) => {
      const share = value / 255
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    }
    const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number)
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
    const behind = (one) => {
      const layers = []
      for (let at = one; at; at = at.parentElement) {
        const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor)
        if (a > 0) layers.push([r, g, b, a])
        if (a === 1) break
      }
      return layers.reverse().reduce(
        (under, [r, g, b, a]) => [r, g, b].map((value, at) => value * a + under[at] * (1 - a)),
        [255, 255, 255],
      )
    }
    const texts = [...document.querySelectorAll('body *')].filter(
      (one) =>
        one.closest('svg') === null &&
        [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''),
    )
    let least = { ratio: 21, what: '' }
    for (const one of texts) {
      const [a, b] = [luminance(parse(getComputedStyle(one).color)), luminance(behind(one))]
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < least.ratio) least = { ratio, what: one.outerHTML.slice(0, 120) }
    }
    return least
  })()`)
}
