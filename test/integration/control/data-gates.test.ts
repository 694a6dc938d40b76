// Gates of data over the life of a project: the profile that a release kept is what the next run's data is compared with, and datasets
// that steps make are judged when they are there.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EndedRun } from '../../../src/control/runs/run.ts'
import { createDeployment, type Deployment } from '../../../src/deliver/environments/deployment.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { readEvidence } from '../../../src/verify/gates/evidence-document.ts'
import { people, project, RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

/** As a promotion does: the release serves in the last environment of the chain. */
async function serve(number: number): Promise<void> {
  const releases = await stage.store.list<Release>(releaseKind)
  const release = releases.find((one) => one.number === number)
  if (release === undefined) throw new Error(`no release ${number}`)
  const change = createDeployment('tiny', 'staging')
  const object = { ...change.object, stable: { releaseId: release.id, number } } as Deployment
  await stage.store.commit({ changes: [{ ...change, object } as never] })
}

async function evidenceOf({ evidenceDigest }: EndedRun) {
  if (evidenceDigest === null) throw new Error('no evidence')
  const bytes = await stage.world.content.read(evidenceDigest)
  const document = readEvidence(JSON.parse(bytes.toString('utf8')))
  if (document === undefined) throw new Error('no evidence document')
  return document
}

const drift = project.replace(
  'checks: [rows >= 100, age between 0 and 120]',
  'checks: [rows >= 100, "drift(*) <= 0.25"]',
)

test('given a champion, data that moved since it was made is refused with the column that moved', async () => {
  await stage.write('people.csv', people(6000))
  await stage.write('lockstep.yaml', drift)
  const first = await stage.run()
  expect(first.because).toMatch(/^every gate held/)
  const { datasets, gates } = await evidenceOf(first)
  expect(gates[0]?.checks[1]).toMatchObject({ verdict: 'skipped', because: 'no champion yet' })
  expect(datasets[0]).toMatchObject({ name: 'people', rows: 6000 })
  expect(Object.keys(datasets[0]?.profile?.columns ?? {})).toEqual(['age', 'hours', 'job', 'y'])

  await serve(1)
  await stage.write('people.csv', people(6000, 'others of the same kind'))
  const second = await stage.run()
  expect((await evidenceOf(second)).gates[0]?.checks[1]).toMatchObject({ verdict: 'pass' })

  const older = people(6000, 'older')
    .split('\n')
    .map((line) => line.replace(/^(\d+),/, (_, age) => `${Math.min(119, Number(age) + 30)},`))
  await stage.write('people.csv', older.join('\n'))
  const third = await stage.run()
  expect(third.phase).toBe('failed')
  expect(third.because).toContain('1 of 4 columns drifted: age has a PSI of')
  expect(third.because).toContain('(6,000 rows against 6,000 of people of release 1)')
})

const made = project
  .replace(
    'data:\n',
    `data:
  train: {path: train.csv, label: y, checks: [leakage <= 0.97]}
  holdout: {path: holdout.csv, label: y, checks: [{"drift(*) <= 0.25": {vs: train}}]}
`,
  )
  .replace(
    'pipeline:\n',
    `between: ["overlap(train, holdout, by=rows) < 50%", "rows(holdout) >= 0.1 * rows(train)", "new_labels(train, holdout) = 0"]
pipeline:
  split: {shell: "head -n 5001 people.csv > train.csv; head -n 1 people.csv > holdout.csv; tail -n 1000 people.csv >> holdout.csv", inputs: [people.csv], outputs: [train.csv, holdout.csv]}
`,
  )
  .replace('evaluate: {data: people,', 'evaluate: {data: holdout,')

test('given a split that a step makes, it is judged after the step and before the model', async () => {
  await stage.write('people.csv', people(6000))
  await stage.write('lockstep.yaml', made)
  const run = await stage.run()
  const { gates, datasets } = await evidenceOf(run)
  expect(gates.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['data', 'pass'],
    ['data.train', 'pass'],
    ['data.holdout', 'pass'],
    ['between', 'pass'],
    ['quality', 'pass'],
    ['readiness', 'pass'],
  ])
  expect(datasets.map(({ name, rows }) => [name, rows])).toEqual([
    ['people', 6000],
    ['train', 5000],
    ['holdout', 1000],
  ])
  expect(run.phase).toBe('succeeded')
})
