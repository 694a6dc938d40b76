// Chapter 7: the world changes. Live traffic turns to another population, the monitor says so, and retraining starts by itself.
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReleaseView } from '../api/contract/views.ts'
import { stopwatch } from '../foundation/system-clock.ts'
import type { ReleaseManifest } from './manifest-view.ts'
import { readPopulation } from './population.ts'
import {
  approve,
  followRollout,
  followRun,
  releaseOf,
  type StoryWorld,
  sayRun,
  throughStaging,
  until,
} from './story-world.ts'

export async function worldChanges(world: StoryWorld, serving: ReleaseView): Promise<ReleaseView> {
  const { narrator, stage, summary } = world
  const api = stage.as('olga')
  const calm = await api.monitors()
  narrator.say(`before: ${calm[0]?.because ?? 'the monitor has not looked yet'}`)
  const { manifest } = await api.release(serving.id)
  const { inputs } = (manifest as ReleaseManifest).artifact.signature
  const later = join(stage.dir, 'data', 'later', '1995.parquet')
  const older = await readPopulation({
    file: later,
    where: 'age >= 50',
    people: 5000,
    inputs,
    officeEvery: 50,
  })
  narrator.say(
    'now the people served are those of the 1995 survey who are 50 or older: real rows, another population',
  )
  world.traffic?.use(older)
  await copyFile(later, join(stage.dir, 'data', 'survey', '1995.parquet'))
  narrator.say('their labelled rows arrive too: data/survey/1995.parquet')
  const since = stopwatch()
  const alert = await narrator.progress(
    'the drift monitor compares live rows with the reference of the serving release',
    until(world, 'a drift alert', async () => {
      const alerts = await api.alerts()
      return alerts.find((one) => one.phase === 'firing')
    }),
  )
  const detectedAfterMs = since()
  narrator.check(
    `drift found after ${(detectedAfterMs / 1000).toFixed(1)} s: ${alert.because}`,
    alert.causes.some((cause) => cause.startsWith('age')),
  )
  const firing = await until(world, 'a retraining run', async () =>
    (await api.firings()).find((one) => one.runId !== null),
  )
  narrator.say(`trigger ${firing.trigger} started a run by itself: ${firing.because.slice(0, 160)}`)
  const run = await followRun(world, firing.runId ?? '')
  sayRun(world, run)
  narrator.check(
    `run ${run.number}, started by ${run.trigger}, ${run.phase}: ${run.because}`,
    run.phase === 'succeeded' && run.trigger === 'retrain',
  )
  const release = await releaseOf(world, run)
  await throughStaging(world, release)
  await approve(world, release, 'trained on the people we now serve')
  const rollout = await followRollout(world, release)
  narrator.check(
    `release ${release.number} serves production: ${rollout.because}`,
    rollout.phase === 'completed',
  )
  const suppressed = (await api.firings())
    .filter((one) => one.phase === 'suppressed')
    .map((one) => one.because)
  for (const because of suppressed) narrator.say(`brake: ${because}`)
  summary.drift = {
    because: alert.because,
    features: alert.causes,
    detectedAfterMs: Math.round(detectedAfterMs),
    runTriggered: run.number,
    suppressed,
  }
  return release
}
