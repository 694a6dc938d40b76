// Gates asked again from the stored data and model: honest evidence agrees, and evidence that was made from anything else does not,
// even where every verdict in it follows from its own numbers.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { evidenceAt } from '../../../src/control/gates/read-evidence.ts'
import { judgeAgain } from '../../../src/control/rebuild/ask-again.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { parseManifest } from '../../../src/release/manifest.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { replayReport } from '../../../src/verify/gates/replay-check.ts'
import { people, project, RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

async function sealed() {
  const run = await stage.run()
  if (run.releaseId === null) throw new Error(run.because)
  const release: Release = await stage.store.get(releaseKind, run.releaseId)
  const { content } = stage.world
  const manifest = parseManifest((await content.read(release.manifestDigest)).toString())
  if (isRefusal(manifest)) throw new Error(manifest.because)
  return { manifest, document: await evidenceAt(content, manifest.gates.evidence, 'it') }
}

type Sealed = Awaited<ReturnType<typeof sealed>>

const again = ({ manifest, document }: Sealed) =>
  judgeAgain(stage.world, {
    ...{ manifest, document, signal: new AbortController().signal },
    told: () => {},
  })

test('the evidence of a release agrees with its data and its model', async () => {
  const asked = await again(await sealed())
  expect(asked.filter(({ agrees }) => !agrees)).toEqual([])
  const [rows, , quality, errors] = asked
  expect([rows?.verdict, quality?.verdict, errors?.verdict]).toEqual(['pass', 'pass', null])
})

test('a check that is not asked again does not give its place to the next one', async () => {
  const checks = 'rows >= 0.5 * champion, rows >= 100'
  await stage.write('lockstep.yaml', project.replace('rows >= 100', checks))
  const asked = await again(await sealed())
  expect(asked.slice(0, 2)).toMatchObject([
    { written: 'rows >= 0.5 * champion', verdict: null, agrees: true },
    { written: 'rows >= 100', verdict: 'pass', agrees: true },
  ])
})

test('evidence made from other rows follows from its own record, and not from these', async () => {
  const own = await sealed()
  await stage.write('people.csv', people(700, 'other people'))
  const other = await sealed()
  const borrowed = { manifest: own.manifest, document: { ...other.document } }
  expect(replayReport(borrowed.document).every(({ agrees }) => agrees)).toBe(true)
  const asked = await again(borrowed)
  const differ = asked.filter(({ agrees }) => !agrees)
  expect(differ.map(({ id }) => id)).toEqual(['data.rows', 'data.range(age)', 'quality.roc_auc'])
  expect(differ[0]?.because).toMatch(/^recorded: there are 700 rows, .*; again: there are 600 rows/)
})
