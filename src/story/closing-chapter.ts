// Chapter 8: the closing board. Everything on it comes from the control plane's records and the clients' own counts.
import { formatDuration } from '../foundation/duration.ts'
import { stableFailures } from './delivery-chapters.ts'
import { type StoryWorld, status, until } from './story-world.ts'

export async function closingBoard(world: StoryWorld, bad: number): Promise<void> {
  const { narrator, stage, summary } = world
  const api = stage.as('olga')
  const served = (one: { environments: Readonly<Record<string, string>> }) =>
    one.environments.production !== 'executing'
  const board = await until(world, 'the last promotion to be recorded', async () => {
    const seen = await status(world)
    return seen.releases.every(served) && seen
  })
  const rollouts = await api.rollouts()
  for (const release of [...board.releases].sort((a, b) => a.number - b.number)) {
    const outcome = Object.entries(release.environments)
      .map(([environment, phase]) => `${environment} ${phase}`)
      .join(', ')
    const rollout = rollouts.find(
      (one) => one.candidate.id === release.id && one.environment === 'production',
    )
    summary.releases.push({
      number: release.number,
      alias: release.alias,
      outcome,
      because: rollout?.because ?? '',
    })
    narrator.say(`release ${release.number} ${release.alias.padEnd(18)} ${outcome}`)
  }
  for (const one of board.environments) {
    narrator.say(
      `${one.name.padEnd(11)} serves release ${one.stable?.number ?? '-'} at ${one.url}, ${one.replicas.filter((replica) => replica.phase === 'ready').length} replicas ready`,
    )
  }
  // The clients stop first: what is still on its way is neither answered nor lost.
  const counts = await world.traffic?.stop()
  if (counts) {
    const failedOnBad = counts.byRelease[String(bad)]?.errors ?? 0
    const failed = stableFailures(world, bad)
    narrator.check(
      `${counts.sent} requests, ${failed} failed on stable, ${failedOnBad} failed on the bad canary; p50 ${counts.p50Ms.toFixed(1)} ms, p99 ${counts.p99Ms.toFixed(1)} ms`,
      failed === 0,
    )
    summary.requests = {
      sent: counts.sent,
      answered: counts.answered,
      failedOnStable: failed,
      failedOnBadCandidate: failedOnBad,
      lost: counts.lost,
      retried: counts.retried,
      p50Ms: counts.p50Ms,
      p99Ms: counts.p99Ms,
    }
  }
  const audit = await api.audit()
  narrator.check(`audit trail: ${audit.because}`, audit.intact)
  summary.audit = { events: audit.events, intact: audit.intact }
  const dora = (await api.dora()).find((one) => one.environment === 'production')
  summary.dora = dora ?? null
  if (dora) {
    const lead =
      dora.leadTimeMs === null ? 'none yet' : `${formatDuration(dora.leadTimeMs.median)} median`
    const recovery =
      dora.recoveryTimeMs === null ? 'none needed' : formatDuration(dora.recoveryTimeMs)
    const share = (value: number | null) =>
      value === null ? 'unknown' : `${Math.round(value * 100)} %`
    narrator.say(
      `DORA, production: ${dora.deployments} deployments; lead time ${lead}; change fail rate ${share(dora.changeFailRate)}; recovery ${recovery}; rework ${share(dora.reworkRate)}`,
    )
  }
}
