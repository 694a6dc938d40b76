// Where a judged model is weak: searched in the answers a release keeps, or with its model asked again, on the rows it was judged on.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findWeakSlices } from '../../../src/control/gates/find-weak-slices.ts'
import { evidenceAt } from '../../../src/control/gates/read-evidence.ts'
import type { EndedRun } from '../../../src/control/runs/run.ts'
import { randomStream } from '../../../src/foundation/random.ts'
import type { ReleaseManifest } from '../../../src/release/manifest.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { parseSlice } from '../../../src/verify/fairness/slice-declaration.ts'
import { RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
  await stage.write('people.csv', unfair(4000))
})
afterEach(() => stage.close())

/** Labels follow the model's own probabilities but in one town, where they are thrown like a coin. */
function unfair(rows: number): string {
  const random = randomStream('unfair', 'rows')
  const lines = Array.from({ length: rows }, () => {
    const [age, hours] = [18 + random.below(60), random.below(80)]
    const isEngineer = random.next() < 0.5
    const town = ['north', 'south', 'odd'][random.below(3)]
    const logit = 0.02 * age + 0.01 * hours + (isEngineer ? 0.9 : -0.9) - 1.1
    const y = town === 'odd' ? random.below(2) : logit > 0 ? 1 : 0
    return `${age},${hours},${isEngineer ? 'engineer' : 'clerk'},${town},${y}`
  })
  return `age,hours,job,town,y\n${lines.join('\n')}\n`
}

async function searched(run: EndedRun, manifest: ReleaseManifest | null) {
  const { content } = stage.world
  const { judged } = await evidenceAt(content, run.evidenceDigest ?? 'sha256:none', 'the run')
  if (judged === null) throw new Error('a judged model expected')
  const { spec, dir } = await stage.world.loadProject()
  const told: string[] = []
  const found = await findWeakSlices(stage.world, {
    ...{ spec, projectDir: dir, whose: `run ${run.number}`, judged, manifest, most: null },
    ...{ metric: 'accuracy', columns: null, signal: new AbortController().signal },
    told: (sentence) => told.push(sentence),
  })
  return { found, told }
}

async function manifestOf(run: EndedRun): Promise<ReleaseManifest> {
  const release = await stage.store.get<Release>(releaseKind, run.releaseId ?? '')
  const bytes = await stage.world.content.read(release.manifestDigest)
  return JSON.parse(bytes.toString('utf8')) as ReleaseManifest
}

test('the town with coin-flip labels is found and confirmed, a column the model never sees', async () => {
  const run = await stage.run()
  const { found, told } = await searched(run, await manifestOf(run))
  expect(found).toMatchObject({ isStored: true, rows: 4000 })
  expect(told).toEqual(['looking at slices'])
  const [first] = found.findings.slices
  expect(first).toMatchObject({ isConfirmed: true })
  expect(first?.name).toMatch(/^town=odd/)
  expect(first?.estimate).toBeLessThan(0.6)
  for (const { name } of found.findings.slices)
    expect(parseSlice(name)).not.toHaveProperty('problems')

  // Asked again in the serving runtime the model answers the same.
  const again = await searched(run, null)
  expect(again.told[0]).toBe('asking the model again')
  expect(again.found.isStored).toBe(false)
  expect(again.found.findings).toEqual(found.findings)
})

test('rows that have changed since are refused, not searched', async () => {
  const run = await stage.run()
  await stage.write('people.csv', unfair(3000))
  await expect(searched(run, null)).rejects.toThrow(/the dataset people has changed since/)
})
