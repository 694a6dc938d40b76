// Chapters 3, 5 and 6: approval and first rollout, a canary that is taken back, and a canary whose control plane is killed.
import type { ReleaseView } from '../api/contract/views.ts'
import { stopwatch } from '../foundation/system-clock.ts'
import type { ReleaseManifest } from './manifest-view.ts'
import { readPopulation } from './population.ts'
import {
  approve,
  followRollout,
  releaseOf,
  rolloutOf,
  runToEnd,
  type StoryWorld,
  sayRun,
  status,
  throughStaging,
  until,
} from './story-world.ts'
import { startTraffic } from './traffic.ts'

/** Requests a second that the story's clients send, all the time from chapter 3 on. */
const perSecond = 500

export async function firstRollout(world: StoryWorld, release: ReleaseView): Promise<void> {
  const { narrator } = world
  await throughStaging(world, release)
  await approve(world, release, 'numbers look right')
  const rollout = await followRollout(world, release)
  narrator.check(
    `production serves release ${release.number} by the visible '${rollout.strategy}' strategy: ${rollout.because}`,
    rollout.phase === 'completed' && rollout.strategy === 'initial',
  )
  await startClients(world, release)
}

async function startClients(world: StoryWorld, release: ReleaseView): Promise<void> {
  const { stage, narrator, clock } = world
  const { manifest } = await stage.as('dana').release(release.id)
  const { inputs } = (manifest as ReleaseManifest).artifact.signature
  const requests = await readPopulation({
    file: `${stage.dir}/data/survey/1994.parquet`,
    where: "split = 'holdout'",
    people: 5000,
    inputs,
    officeEvery: 50,
  })
  world.traffic = startTraffic({
    url: `http://127.0.0.1:${stage.ports.production}`,
    path: '/v2/models/income/infer',
    perSecond,
    requests,
    clock,
  })
  narrator.say(
    `clients now send ${perSecond} real requests a second; one office in fifty sends texts untrimmed, as the census file has them`,
  )
}

/** Chapter 5: it passes every offline test, because the holdout has no such row, and errs on part of the real traffic. */
export async function badRelease(world: StoryWorld): Promise<ReleaseView> {
  const { narrator, stage, summary } = world
  narrator.say(
    'dana makes the model refuse categories it has never seen ("unseen: error"): safer, it seems',
  )
  await stage.edit('params.yaml', (text) => text.replace('unseen: ignore', 'unseen: error'))
  await stage.commit('Refuse categories never seen in training')
  const run = await runToEnd(world, 'dana', 'refuse unseen categories')
  sayRun(world, run)
  narrator.check(
    `every gate held; release ${run.release?.number} is made`,
    run.phase === 'succeeded',
  )
  const release = await releaseOf(world, run)
  await throughStaging(world, release)
  await approve(world, release, 'tests are green')
  const rollout = await followRollout(world, release)
  const { analysis, timings } = rollout
  narrator.check(
    `the canary was taken back by itself: ${rollout.because}`,
    rollout.phase === 'rolled_back',
  )
  narrator.say(
    `from the first bad answer to zero candidate traffic: ${((timings.firstErrorToZeroTrafficMs ?? 0) / 1000).toFixed(2)} s, of which ${between(timings.harmDecidedAt, timings.zeroTrafficAt) ?? '?'} ms to roll back; ${analysis?.candidate.errors} errors in ${analysis?.candidate.requests} candidate answers`,
  )
  const stable = stableFailures(world, release.number)
  narrator.check(`clients of stable saw ${stable} failures`, stable === 0)
  summary.badCanary = {
    release: release.number,
    detectMs: between(timings.firstCandidateErrorAt, timings.harmDecidedAt),
    rollBackMs: between(timings.harmDecidedAt, timings.zeroTrafficAt),
    firstErrorToZeroTrafficMs: timings.firstErrorToZeroTrafficMs,
    candidateRequests: analysis?.candidate.requests ?? 0,
    candidateErrors: analysis?.candidate.errors ?? 0,
    because: rollout.because,
  }
  const { environments } = await status(world)
  const hold = environments.find((one) => one.name === 'production')?.hold
  narrator.check(`the rollback put a hold on production: ${hold?.because ?? 'none'}`, Boolean(hold))
  return release
}

function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from)
}

/** Chapter 6. */
export async function controlKilled(world: StoryWorld, bad: ReleaseView): Promise<ReleaseView> {
  const { narrator, stage, summary } = world
  narrator.say('dana goes back to ignoring unseen categories, with less regularisation')
  await stage.edit('params.yaml', (text) =>
    text.replace('unseen: error', 'unseen: ignore').replace(/C: 1\b/, 'C: 2'),
  )
  await stage.commit('Ignore unseen categories; C = 2')
  const run = await runToEnd(world, 'dana', `fix release ${bad.number}`)
  sayRun(world, run)
  const release = await releaseOf(world, run)
  await throughStaging(world, release)
  narrator.command(
    'lockstep hold production --clear --because "fixed in the next release" --as olga',
  )
  await stage.as('olga').clearHold('production', { because: `fixed in release ${release.number}` })
  await approve(world, release, 'the office clients were tried in staging')
  await until(world, 'the first canary step', () => rolloutOf(world, release, ['analysing']))

  const { control } = await status(world)
  const lostBefore = stableFailures(world, bad.number)
  const sentBefore = world.traffic?.counts().sent ?? 0
  narrator.say(
    `canary at 10 %; now the control plane (process ${control.pid}) is killed with SIGKILL`,
  )
  const away = stopwatch()
  process.kill(control.pid, 'SIGKILL')
  const after = await narrator.progress(
    'no control plane; traffic goes on',
    until(world, 'the control plane', async () => {
      const { control: fresh } = await status(world)
      return fresh.pid !== control.pid && fresh
    }),
  )
  const awayMs = away()
  narrator.say(
    `the supervisor started it again (process ${after.pid}) after ${(awayMs / 1000).toFixed(1)} s`,
  )
  const rollout = await followRollout(world, release)
  const failed = stableFailures(world, bad.number) - lostBefore
  const sent = (world.traffic?.counts().sent ?? 0) - sentBefore
  narrator.check(
    `the same rollout went on from where it was and is ${rollout.phase}: ${rollout.because}`,
    rollout.phase === 'completed',
  )
  narrator.check(`${failed} of ${sent} requests failed meanwhile`, failed === 0)
  summary.controlKilled = { awayMs: Math.round(awayMs), failedRequests: failed }
  return release
}

/** Failures that clients saw and that the release known to be bad did not cause. */
export function stableFailures(world: StoryWorld, bad: number | null): number {
  const counts = world.traffic?.counts()
  if (!counts) return 0
  const errors = Object.entries(counts.byRelease).reduce(
    (sum, [release, answers]) => sum + (release === String(bad) ? 0 : answers.errors),
    0,
  )
  return errors + counts.lost
}
