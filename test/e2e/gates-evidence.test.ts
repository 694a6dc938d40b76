// Evidence as people use it: planned before a run, read in every form after one, replayed from the record and from the data, and no
// longer believed once a byte of it has changed.
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { GateReplayView } from '../../src/api/contract/gate-routes.ts'
import type { ReleaseView, RunView } from '../../src/api/contract/views.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { answer, leftovers, lockstep } from './lockstep-process.ts'
import { looking, promoted, run, serve } from './served-project.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()

const everything = `evaluate:
  data: holdout
  label: income_over_50k
  threshold: 0.3
  groups: [sex, race]
  slices: ["age < 45", sex]
  train: train
gates:
  quality:
    - roc_auc >= 0.80
    - roc_auc >= champion - 0.02
    - roc_auc > baseline(prior)
    - roc_auc >= baseline(logistic) - 0.05
    - ece@15u <= 0.10
  slices:
    - recall >= champion - 0.9: {each: slice, min_support: 10}
  fairness:
    - gap(tpr) <= 0.9: {by: sex, min_support: 10}
    - ratio(selection_rate) >= 0.001: {by: [sex, race], intersect: true, on_insufficient: warn}
  robustness:
    - drop(roc_auc) <= 0.10: {perturb: [missing(5%), noise(0.1sd)]}
  readiness: [compatible_with champion, errors = 0, {latency p95 <= 2s: {duration: 500ms}}]
  security: ['format in [onnx]', scan clean]
  tests:
    - tests pass: {run: 'test -s "$LOCKSTEP_MODEL"'}
`

const data = `    path: data/survey
    key: person_id
    label: income_over_50k
    checks:
      - rows >= 1000
      - rows >= 0.7 * champion
      - drift(age) <= 0.2: {vs: champion}
      - {sql: select * from this where age < 0, name: nobody is unborn, expect: 0 rows}
  train: {path: train.parquet, key: person_id, label: income_over_50k}
  holdout: {path: holdout.parquet, key: person_id, label: income_over_50k, checks: [rows >= 500]}
between:
  - overlap(train, holdout, by=key) = 0
  - rows(holdout) >= 0.1 * rows(train)
  - new_labels(train, holdout) = 0
`

const ends = ({ gates }: RunView, verdict: string) =>
  gates.flatMap(({ checks }) =>
    checks.flatMap((check) => (check.verdict === verdict ? [check.text] : [])),
  )

test('every kind of check in one file: skipped without a champion, judged with one', async () => {
  const project = await make()
  await project.edit('lockstep.yaml', (text) =>
    text
      .replace(/ {4}path: data\/survey\n {4}checks: .*\n/, data)
      .replace(/evaluate: .*\ngates:\n( {2}.*\n)+/, everything)
      .replace(/ {2}production:\n( {4}.*\n)+/, ''),
  )
  const served = await serve(project)
  onTestFinished(() => served.up.signalGroup('SIGTERM'))
  const first = await run(served)
  expect([first.phase, first.because]).toEqual(['succeeded', expect.stringContaining('every gate')])
  expect(ends(first, 'skipped').filter((text) => !text.includes('champion'))).toEqual([])
  expect(ends(first, 'skipped')).toHaveLength(5)
  await looking('staging', () => promoted(served, first.release?.id ?? '', 'staging', 'succeeded'))
  await project.edit('params.yaml', (text) => text.replace('C: 1', 'C: 0.5'))
  const startedAt = systemClock.now()
  const second = await run(served)
  console.info(`a whole run with every kind of check: ${systemClock.now() - startedAt} ms`)
  expect([second.phase, second.because]).toEqual([
    'succeeded',
    expect.stringContaining('every gate'),
  ])
  for (const no of ['skipped', 'fail', 'error', 'insufficient'])
    expect([no, ends(second, no)]).toEqual([no, []])
  const again = await answer<GateReplayView>(project.dir, 'gate', 'verify', '2')
  expect([again.code, again.document.agrees]).toEqual([0, true])
  const fromData = await answer<GateReplayView>(project.dir, 'gate', 'verify', '2', '--from-data')
  expect([fromData.code, fromData.document.agrees]).toEqual([0, true])
  const asked = fromData.document.checks.filter(({ verdict }) => verdict !== null)
  expect(asked.length).toBeGreaterThan(8)
  served.up.signalGroup('SIGINT')
  await served.up.ended
  expect(await leftovers(project.dir)).toEqual([])
})

describe('the evidence of a run', () => {
  let project: SmallProject
  let before: string

  beforeAll(async () => {
    project = await make()
    before = (await lockstep(project.dir, 'gate', 'plan')).stdout
    expect((await lockstep(project.dir, 'run')).code).toBe(0)
  })

  test('is planned for: nothing is known before a holdout is there, and how much decides after', async () => {
    expect(before).toMatch(/^there is no holdout yet/)
    expect(before).toMatch(/unknown +quality +roc_auc >= 0.80/)
    const { code, stdout } = await lockstep(project.dir, 'gate', 'plan')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^2474 rows, 143 positive in holdout/),
    ])
    expect(stdout).toMatch(/decides +quality +roc_auc >= 0.80 +143 rows decide it/)
  })

  test.each([
    ['markdown', /^### ✅ Gates of income, run 1/],
    ['html', /^<!doctype html>/i],
    ['junit', /^<\?xml .*failures="0"/s],
    ['sarif', /"version": ?"2\.1\.0"/],
    ['json', /"verdict": ?"pass"/],
  ])('is reported as %s', async (form, begins) => {
    const { code, stdout } = await lockstep(project.dir, 'gate', 'report', '--format', form)
    expect([code, stdout]).toEqual([0, expect.stringMatching(begins)])
  })

  test('of a refused run is reported too, and earns no points it has not', async () => {
    const refused = await make()
    await refused.edit('lockstep.yaml', (text) =>
      text.replace('roc_auc >= 0.80', 'roc_auc >= 0.99'),
    )
    expect((await lockstep(refused.dir, 'run')).code).toBe(3)
    const junit = await lockstep(refused.dir, 'gate', 'report', '--format', 'junit')
    expect(junit.stdout).toMatch(
      /failures="1".*line="\d+"><failure type="fail" message="ROC AUC is/s,
    )
    const sarif = await lockstep(refused.dir, 'gate', 'report', '--format', 'sarif')
    expect(JSON.parse(sarif.stdout).runs[0].results).toHaveLength(1)
    expect((await lockstep(refused.dir, 'gate', 'score')).stdout).toMatch(/^data \d(\.5)? of 7/)
    const none = await lockstep(refused.dir, 'gate', 'verify', '1')
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: there is no release/),
    ])
  })

  test('is not believed once a byte has changed, and what only looks at it goes on', async () => {
    const [release] = (await answer<ReleaseView[]>(project.dir, 'releases')).document
    const { document } = await answer<{ manifest: { gates: { evidence: string } } }>(
      project.dir,
      ...['releases', String(release?.number)],
    )
    const hex = document.manifest.gates.evidence.replace('sha256:', '')
    const path = join(project.dir, '.lockstep/objects/sha256', hex.slice(0, 2), hex.slice(2))
    const whole = await readFile(path)
    await chmod(path, 0o644)
    await writeFile(path, whole.toString('utf8').replaceAll('"pass"', '"warn"'))
    const { code, stderr } = await lockstep(project.dir, 'gate', 'verify', '1')
    expect(code).toBe(11)
    expect(stderr).toMatch(
      /^error: the gate evidence of release 1 \([a-z-]+\) cannot be used: .* is damaged: its .* bytes have the digest/,
    )
    expect((await lockstep(project.dir, 'gate', 'verify', '1')).code).toBe(11)
    expect((await lockstep(project.dir, 'verify', '1')).code).not.toBe(0)
    expect((await lockstep(project.dir, 'gate', 'plan')).code).toBe(0)
    await rm(path, { force: true })
    await writeFile(path, whole)
    const again = await lockstep(project.dir, 'gate', 'verify', '1')
    expect(again.stdout).toContain('follows from its record')
  })
})
