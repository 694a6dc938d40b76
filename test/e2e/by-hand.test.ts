// The whole way by hand, one command after the other as a person types them: exit codes and the documents of --json.
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type {
  AnswerView,
  AuditView,
  DoraView,
  EventView,
  LogLineView,
  PromotionView,
  ReleaseView,
  RolloutView,
  RunView,
  StatusView,
  WhyView,
} from '../../src/api/contract/views.ts'
import {
  answer,
  leftovers,
  lockstep,
  type Running,
  spawnLockstep,
  until,
} from './lockstep-process.ts'
import { freePort } from './small-project.ts'

let dir = ''
let up: Running | undefined

beforeAll(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'lockstep-e2e-by-hand-')))
})

afterAll(async () => {
  up?.signalGroup('SIGTERM')
  await up?.ended
  await rm(dir, { recursive: true, force: true })
})

const edit = async (file: string, change: (text: string) => string) => {
  const path = join(dir, file)
  await writeFile(path, change(await readFile(path, 'utf8')))
}

const status = async () => (await answer<StatusView>(dir, 'status')).document
const environment = (seen: StatusView, name: string) =>
  seen.environments.find((one) => one.name === name)

const servesIn = (name: string, release: number) =>
  until(
    `release ${release} in ${name}`,
    async () => environment(await status(), name)?.stable?.number === release,
  )

test('lockstep init writes a project, and refuses to write over one', async () => {
  const { code, document } = await answer<{ dir: string; files: string[] }>(dir, 'init', '.')
  expect(code).toBe(0)
  expect(document.files).toEqual(
    expect.arrayContaining(['lockstep.yaml', 'params.yaml', '.gitignore']),
  )
  expect((await lockstep(dir, 'init', '.')).code).toBe(2)
  const [staging, production, control] = [await freePort(), await freePort(), await freePort()]
  await edit('lockstep.yaml', (text) =>
    text
      .replace('port: 8081', `port: ${staging}`)
      .replace('port: 8080', `port: ${production}`)
      .replace(/^environments:/m, `control: {port: ${control}}\nenvironments:`),
  )
})

test('lockstep run makes release 1 without anything else running', async () => {
  const { code, document } = await answer<RunView>(dir, 'run', '--because', 'the first model')
  expect(code).toBe(0)
  expect(document).toMatchObject({
    number: 1,
    phase: 'succeeded',
    trigger: 'person',
    release: { number: 1 },
  })
  expect(document.steps.map(({ name, verdict }) => [name, verdict])).toEqual([
    ['prepare', 'ran'],
    ['holdout', 'ran'],
    ['train', 'ran'],
  ])
  expect(document.gates.every(({ verdict }) => verdict === 'pass' || verdict === 'skipped')).toBe(
    true,
  )
  const deliver = await lockstep(dir, 'promote', '--to', 'staging')
  expect([deliver.code, deliver.stderr]).toEqual([1, expect.stringContaining('lockstep up')])
  expect(await leftovers(dir)).toEqual([])
})

test('lockstep up serves; staging takes the release by itself, production waits for a person', async () => {
  up = spawnLockstep(dir, 'up')
  await until(
    'the control plane',
    () => up?.said().includes('Ctrl-C stops everything') || up?.said().includes('Ctrl-C'),
  )
  await until('the control plane', async () => (await status()).control.url !== null)
  await servesIn('staging', 1)
  await until('production to wait', async () => (await status()).waitingForApproval.length === 1)
  const seen = await status()
  expect(seen).toMatchObject({
    project: 'income',
    latestRun: { number: 1 },
    stuck: [],
    openAlerts: [],
  })
  expect(environment(seen, 'production')).toMatchObject({ delivery: 'manual', stable: null })
})

test('lockstep promote finds that it waits; the wrong person is refused, the right one approves', async () => {
  const asked = await answer<PromotionView>(
    dir,
    'promote',
    '1',
    '--to',
    'production',
    '--as',
    'dana',
  )
  expect([asked.code, asked.document.phase]).toEqual([4, 'awaiting_approval'])
  expect(asked.document.approvers).toEqual(expect.arrayContaining(['olga']))
  expect((await lockstep(dir, 'approve', 'production', '--as', 'mallory')).code).toBe(5)
  const agreed = await answer<AnswerView>(
    dir,
    'approve',
    'production',
    '--as',
    'olga',
    '--comment',
    'looks right',
  )
  expect([agreed.code, agreed.document.accepted]).toEqual([0, true])
  expect((await lockstep(dir, 'approve', 'production', '--as', 'olga')).code).not.toBe(0)
})

test('lockstep rollout watches the first one to its end', async () => {
  const { code, document } = await until('a rollout', async () => {
    const seen = await answer<RolloutView>(dir, 'rollout', 'production')
    return seen.code !== 1 && seen
  })
  expect([code, document.phase, document.strategy]).toEqual([0, 'completed', 'initial'])
  await servesIn('production', 1)
})

test('a second release goes out as a canary; a person cuts it short and later takes it back', async () => {
  await edit('params.yaml', (text) => text.replace('C: 1', 'C: 2'))
  const run = await answer<RunView>(dir, 'run')
  expect([run.code, run.document.release?.number]).toEqual([0, 2])
  await until(
    'production to wait',
    async () => (await status()).waitingForApproval[0]?.release.number === 2,
  )
  expect((await lockstep(dir, 'approve', '--as', 'omar')).code).toBe(0)
  await until('the canary', async () => (await status()).activeRollouts[0]?.candidateBp === 1000)
  const short = await answer<AnswerView>(
    dir,
    'rollout',
    'promote',
    'production',
    '--because',
    'no traffic here',
    '--as',
    'olga',
  )
  expect([short.code, short.document.accepted]).toEqual([0, true])
  const done = await answer<RolloutView>(dir, 'rollout', 'production')
  expect([done.code, done.document.phase]).toEqual([0, 'completed'])
  const back = await answer<AnswerView>(
    dir,
    'rollback',
    'production',
    '--because',
    'complaints',
    '--as',
    'olga',
  )
  expect([back.code, back.document.accepted]).toEqual([0, true])
  await servesIn('production', 1)
  const held = environment(await status(), 'production')?.hold
  expect(held).toMatchObject({
    actor: 'person:olga',
    because: expect.stringContaining('complaints'),
  })
})

test('why, logs, releases, events, dora and audit answer', async () => {
  const why = await answer<WhyView>(dir, 'why', 'release', '2', 'production')
  expect([why.code, why.document.answer.length > 20]).toEqual([0, true])
  expect((await answer<WhyView>(dir, 'why', 'train')).document.sentences.join(' ')).toMatch(/C/)
  expect((await lockstep(dir, 'why', 'nonsense')).code).not.toBe(0)
  const logs = await answer<readonly LogLineView[]>(dir, 'logs', '--run', '2', '--step', 'train')
  expect(logs.document.some(({ line }) => line.includes('wrote model.onnx'))).toBe(true)
  const releases = await answer<readonly ReleaseView[]>(dir, 'releases')
  expect(releases.document.map(({ number, phase }) => [number, phase])).toEqual([
    [2, 'sealed'],
    [1, 'sealed'],
  ])
  const runs = await answer<readonly RunView[]>(dir, 'runs')
  expect(runs.document.map(({ number }) => number)).toEqual([2, 1])
  const events = await answer<readonly EventView[]>(dir, 'events')
  expect(events.document.some(({ actor }) => actor === 'person:olga')).toBe(true)
  const dora = await answer<readonly DoraView[]>(dir, 'dora')
  expect(
    dora.document.find((one) => one.environment === 'production')?.deployments,
  ).toBeGreaterThanOrEqual(2)
  const audit = await answer<AuditView>(dir, 'audit')
  expect([audit.code, audit.document.intact]).toEqual([0, true])
})

test('unknown words are usage errors with a suggestion', async () => {
  const verb = await lockstep(dir, 'stauts')
  expect([verb.code, verb.stderr]).toEqual([2, expect.stringContaining('status')])
  const option = await lockstep(dir, 'run', '--frce')
  expect([option.code, option.stderr]).toEqual([2, expect.stringContaining('--force')])
})

test('Ctrl-C stops everything; what was recorded is there without it', async () => {
  up?.signalGroup('SIGINT')
  expect((await up?.ended)?.code).toBe(0)
  expect(await leftovers(dir)).toEqual([])
  const { code, document } = await answer<readonly ReleaseView[]>(dir, 'releases')
  expect([code, document.length]).toEqual([0, 2])
})
