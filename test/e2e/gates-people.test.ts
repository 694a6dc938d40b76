// Gates and the people they ask: doubt that waits for a person, doubt that blocks or only warns, and waivers that somebody answers for.
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ReleaseView, RunView } from '../../src/api/contract/views.ts'
import { answer, leftovers, lockstep } from './lockstep-process.ts'
import { looking, promoted, run, serve } from './served-project.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()

/** The holdout has 28 women with a high income: too few for any verdict on them. */
const gap = (options = '') =>
  `gates:\n  quality: [roc_auc >= 0.80]\n  fairness:\n    - gap(tpr) <= 0.05: {by: sex${options}}\n`

const withGates = (project: SmallProject, gates: string) =>
  project.edit('lockstep.yaml', (text) => text.replace(/gates:\n( {2}.*\n)+/, gates))

const verdictsOf = ({ gates }: RunView) =>
  gates.flatMap(({ checks }) => checks.map(({ id, verdict }) => [id, verdict]))

describe('a check that the holdout cannot decide', () => {
  test('goes to a person with no part in it: the environment is automatic, and waits', async () => {
    const project = await make()
    await withGates(project, gap())
    const served = await serve(project)
    onTestFinished(() => served.up.signalGroup('SIGTERM'))
    const made = await run(served)
    expect(made.because).toMatch(/^no gate said no, and a person decides; release 1 /)
    expect(verdictsOf(made)).toContainEqual(['fairness.gap(tpr).sex', 'insufficient'])
    const release = made.release?.id ?? ''
    const waiting = await looking('a question', () =>
      promoted(served, release, 'staging', 'awaiting_approval'),
    )
    expect(waiting.because).toContain('its gates left open: gate fairness: true-positive rate gap')
    expect(waiting.because).toContain('fewer than 30 positives: Female 28')
    const binding = waiting.binding ?? ''
    const starter = await served.as('dana').approve(waiting.id, { binding })
    expect(starter).toMatchObject({ accepted: false, because: /dana does not count, because/ })
    expect((await served.as('omar').approve(waiting.id, { binding })).accepted).toBe(true)
    await looking('staging', () => promoted(served, release, 'staging', 'succeeded'))
    const shown = await lockstep(project.dir, 'releases', '1')
    expect(shown.stdout).toContain('a person decides, because its gates left open: gate fairness')
    served.up.signalGroup('SIGINT')
    expect((await served.up.ended).code).toBe(0)
    expect(await leftovers(project.dir)).toEqual([])
  })

  test('is still open where the release is received: no machine moves it there either', async () => {
    const [here, there] = [await make(), await make()]
    await withGates(here, gap())
    expect((await lockstep(here.dir, 'run')).stdout).toContain('a person decides on what they left')
    await lockstep(here.dir, 'release', 'export', '1', '-o', 'open.tar')
    const served = await serve(there)
    onTestFinished(() => served.up.signalGroup('SIGTERM'))
    const key = join(here.dir, '.lockstep/keys/release-ed25519.pub.pem')
    await lockstep(there.dir, 'keys', 'trust', key, '--because', 'the same team')
    const file = join(here.dir, 'open.tar')
    const received = await lockstep(there.dir, 'release', 'import', file)
    expect([received.code, received.stderr]).toEqual([0, expect.any(String)])
    const [release] = (await answer<ReleaseView[]>(there.dir, 'releases')).document
    expect(release?.undecided).toContain('fewer than 30 positives: Female 28')
    const waiting = await looking('a question', () =>
      promoted(served, release?.id ?? '', 'staging', 'awaiting_approval'),
    )
    expect(waiting.because).toContain('its gates left open')
    served.up.signalGroup('SIGINT')
    await served.up.ended
  })

  test('blocks where that is declared (exit 10), and only warns where that is', async () => {
    const project = await make()
    await withGates(project, gap(', on_insufficient: block'))
    const blocked = await answer<RunView>(project.dir, 'run')
    expect([blocked.code, blocked.document.phase]).toEqual([10, 'failed'])
    expect(blocked.document.because).toMatch(/^gate fairness: true-positive rate gap by sex/)
    expect((await answer<ReleaseView[]>(project.dir, 'releases')).document).toEqual([])
    await project.edit('lockstep.yaml', (text) => text.replace('block}', 'warn}'))
    const warned = await answer<RunView>(project.dir, 'run')
    expect([warned.code, warned.document.phase]).toEqual([0, 'succeeded'])
    expect(verdictsOf(warned.document)).toContainEqual(['fairness.gap(tpr).sex', 'warn'])
    expect(warned.document.because).toMatch(/^every gate held; /)
  })
})

const git = (project: SmallProject, ...words: string[]) =>
  execFileSync('git', ['-C', project.dir, ...words], { stdio: 'pipe' })

/** A project with history, whose model is not accurate enough. */
async function committed(gates: string): Promise<SmallProject> {
  const project = await make()
  await writeFile(join(project.dir, '.gitignore'), '.lockstep\n*.parquet\nmodel.onnx\n')
  await withGates(project, gates)
  git(project, 'init', '-q')
  git(project, 'config', 'user.email', 'Alice@example.org')
  git(project, 'config', 'user.name', 'somebody')
  git(project, 'add', '-A')
  git(project, 'commit', '-q', '-m', 'a model')
  return project
}

describe('a waiver', () => {
  let project: SmallProject

  beforeAll(async () => {
    project = await committed(
      'gates:\n  quality: [roc_auc >= 0.80, accuracy >= 0.99]\n  security: [scan clean]\n',
    )
  })

  async function waived(changes: Partial<Record<'check' | 'by' | 'until', string>>) {
    const { check, by, until } = {
      ...{ check: 'accuracy >= 0.99', by: 'omar', until: '2999-12-31' },
      ...changes,
    }
    const line = `  - {check: ${check}, by: ${by}, until: ${until}, because: "a trial, see #214"}`
    await project.edit(
      'lockstep.yaml',
      (text) => `${text.replace(/waivers:\n.*\n/, '')}waivers:\n${line}\n`,
    )
    git(project, 'commit', '-qam', `a waiver of ${check} by ${by} until ${until}`)
  }

  test.each(['accuracy >= 0.99', 'quality/quality.accuracy'])(
    'of another person, for the check called %s, lets the release through and is told',
    async (check) => {
      await waived({ check })
      const { code, document } = await answer<RunView>(project.dir, 'run')
      expect([code, document.phase]).toEqual([0, 'succeeded'])
      expect(document.because).toMatch(/^every gate held or was waived by omar; release \d /)
      expect(verdictsOf(document)).toContainEqual(['quality.accuracy', 'waived'])
      const [release] = (await answer<ReleaseView[]>(project.dir, 'releases')).document
      expect(release).toMatchObject({ undecided: null, waivedBy: ['omar'] })
    },
  )

  test.each([
    ['that has ended', { until: '2020-01-01' }, 'the waiver of omar ended on 2020-01-01'],
    ['of the author', { by: 'alice' }, 'the waiver of alice does not count: they wrote part'],
    ['of the author by address', { by: 'Alice@example.org' }, 'the waiver of Alice does not count'],
  ])('%s does not count (exit 3)', async (_, changes, because) => {
    await waived(changes)
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([3, 'failed'])
    expect(document.because).toContain(because)
  })

  test.each([
    [
      'of an unknown check',
      'quality.acuracy',
      /:\d+:13: waivers: there is no check .*did you mean/s,
    ],
    ['of a scan', 'security.scan', /waivers: security\.scan guards the integrity of a release/],
  ])('%s is refused before anything starts', async (_, check, sentence) => {
    await waived({ check })
    const { code, stderr } = await lockstep(project.dir, 'run')
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)])
    expect(stderr).toContain('nothing was started')
  })
})

test('a holdout that is asked again is asked more strictly, where its α is spent', async () => {
  const project = await committed(
    'gates:\n  defaults: {attempts: spend}\n  quality: [roc_auc >= 0.80]\n',
  )
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
  await project.edit('params.yaml', (text) => text.replace('C: 1', 'C: 0.9'))
  git(project, 'commit', '-qam', 'another model')
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
  const { stdout } = await lockstep(project.dir, 'gate', 'report')
  expect(stdout).toContain('has been asked 2 times on the same holdout: bounds are at 99.24 %')
  expect((await lockstep(project.dir, 'gate', 'verify', '2')).code).toBe(0)
})
