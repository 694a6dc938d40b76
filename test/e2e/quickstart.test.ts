// The quickstart as anyone starts it: every chapter ends as it should, its numbers are there, and nothing is left running.
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { StorySummary } from '../../src/story/story-world.ts'
import { leftovers, root, spawnNode } from './lockstep-process.ts'

let dir = ''

afterAll(() => rm(dir, { recursive: true, force: true }))

test('npm run quickstart -- --once --json', async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'lockstep-e2e-quickstart-')))
  const words = ['--once', '--json', '--dir', join(dir, 'income')]
  const { code, stdout, stderr } = await spawnNode(root, join(root, 'bin/quickstart.js'), words)
    .ended
  expect(await leftovers(dir)).toEqual([])
  const summary = JSON.parse(stdout) as StorySummary
  console.info(JSON.stringify({ ...summary, releases: undefined, dora: undefined }))

  expect(summary.chapters.filter((chapter) => !chapter.ok)).toEqual([])
  expect(summary.chapters.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect([code, summary.ok, stderr]).toEqual([0, true, ''])

  expect(summary.blocked).toHaveLength(1)
  expect(summary.blocked[0]?.because).toMatch(/gap.*sex/)
  const { badCanary, controlKilled, drift, requests, audit } = summary
  expect(summary.rebuilt?.level).toBe('R3')
  expect(summary.verifiedParts).toBeGreaterThan(10)
  expect(badCanary?.candidateErrors).toBeGreaterThan(0)
  expect(badCanary?.candidateRequests).toBeGreaterThan(badCanary?.candidateErrors ?? 0)
  expect(badCanary?.firstErrorToZeroTrafficMs).toBeLessThan(20_000)
  expect((badCanary?.detectMs ?? 0) + (badCanary?.rollBackMs ?? 0)).toBe(
    badCanary?.firstErrorToZeroTrafficMs,
  )
  expect(badCanary?.rollBackMs).toBeLessThan(5000)
  expect(controlKilled).toMatchObject({ failedRequests: 0 })
  expect(controlKilled?.awayMs).toBeLessThan(10_000)
  expect(drift?.features.length).toBeGreaterThan(0)
  expect(drift?.detectedAfterMs).toBeLessThan(60_000)
  expect(requests).toMatchObject({ failedOnStable: 0, lost: 0 })
  expect(requests?.answered).toBe(requests?.sent)
  expect(requests?.p99Ms).toBeGreaterThan(requests?.p50Ms ?? 0)
  expect(audit?.intact).toBe(true)
  expect(summary.dora).toMatchObject({ environment: 'production' })
  expect(summary.releases.map(({ number }) => number)).toEqual([1, 2, 3, 4])
  expect(summary.releases[1]?.outcome).toMatch(/production rolled.back/)
}, 240_000)
