// What the chapters share, and the words they use to wait: nothing sleeps for a guess, everything waits for a fact.
import type {
  PromotionView,
  ReleaseView,
  RolloutView,
  RunView,
  StatusView,
} from '../api/contract/views.ts'
import type { Clock } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'
import type { Narrator } from './narrator.ts'
import type { Stage } from './stage.ts'
import type { Traffic } from './traffic.ts'

export interface StoryWorld {
  readonly stage: Stage
  readonly narrator: Narrator
  readonly clock: Clock
  readonly stop: AbortSignal
  readonly summary: StorySummary
  traffic: Traffic | null
}

/** The one document of `--json`. */
export interface StorySummary {
  ok: boolean
  chapters: { number: number; title: string; ok: boolean; seconds: number }[]
  releases: { number: number; alias: string; outcome: string; because: string }[]
  blocked: { run: number; because: string }[]
  /** How far release 1 could be made again from its record. */
  rebuilt: { level: string; seconds: number } | null
  /** Parts of its archive that were verified offline. */
  verifiedParts: number
  requests: {
    sent: number
    answered: number
    failedOnStable: number
    failedOnBadCandidate: number
    lost: number
    retried: number
    p50Ms: number
    p99Ms: number
  } | null
  badCanary: {
    release: number
    /** From the first bad answer until harm was shown. */
    detectMs: number | null
    /** From then until no client was sent to the candidate any more. */
    rollBackMs: number | null
    firstErrorToZeroTrafficMs: number | null
    candidateRequests: number
    candidateErrors: number
    because: string
  } | null
  controlKilled: { awayMs: number; failedRequests: number } | null
  drift: {
    because: string
    features: readonly string[]
    detectedAfterMs: number
    runTriggered: number
    suppressed: readonly string[]
  } | null
  dora: unknown
  audit: { events: number; intact: boolean } | null
  seconds: number
}

/** Looks until `find` answers something; throws with the sentence when it does not come in time. */
export async function until<T>(
  world: StoryWorld,
  what: string,
  find: () => Promise<T | null | undefined | false>,
  withinMs = 120_000,
): Promise<T> {
  const deadline = world.clock.now() + withinMs
  for (;;) {
    if (world.stop.aborted)
      throw new LockstepError({ code: 'story.stopped', kind: 'unavailable', message: 'stopped' })
    // A control plane that is just being restarted is not an answer.
    const found = await find().catch((error) =>
      error instanceof LockstepError && error.kind === 'unavailable' ? null : Promise.reject(error),
    )
    if (found) return found
    if (world.clock.now() > deadline) {
      throw new LockstepError({
        code: 'story.too_late',
        kind: 'timeout',
        message: `waited ${withinMs / 1000} s in vain for ${what}`,
      })
    }
    await world.clock.sleep(50)
  }
}

export async function runToEnd(
  world: StoryWorld,
  person: string,
  because: string,
): Promise<RunView> {
  const api = world.stage.as(person)
  const started = await api.startRun({ because })
  return followRun(world, started.id)
}

export function followRun(world: StoryWorld, id: string): Promise<RunView> {
  const api = world.stage.as('dana')
  let at = 'starting'
  const ended = until(world, `run ${id}`, async () => {
    const run = await api.run(id)
    const step = run.steps.find((one) => one.verdict === 'running')
    at = step
      ? `step ${step.name}`
      : run.phase === 'gating'
        ? 'the gates judge the packaged model in the serving runtime'
        : run.phase
    return run.finishedAt !== null && run
  })
  return world.narrator.progress(() => at, ended)
}

export function sayRun(world: StoryWorld, run: RunView): void {
  const steps = run.steps.map(
    (step) => `${step.name} ${step.verdict === 'hit' ? 'cached' : `${step.durationMs ?? 0} ms`}`,
  )
  const gates = run.gates.map((gate) => `${gate.name} ${gate.verdict} (${gate.checks.length})`)
  world.narrator.say(
    `run ${run.number}: ${steps.join(' → ')}; gates: ${gates.join(', ')}; ${((run.durationMs ?? 0) / 1000).toFixed(1)} s in all`,
  )
}

export async function releaseOf(world: StoryWorld, run: RunView): Promise<ReleaseView> {
  if (!run.release)
    throw new LockstepError({
      code: 'story.no_release',
      kind: 'internal',
      message: `run ${run.number} made no release: ${run.because}`,
    })
  return world.stage.as('dana').release(run.release.id)
}

export async function status(world: StoryWorld): Promise<StatusView> {
  return world.stage.as('dana').status()
}

/** Staging takes a release by itself; the story only watches. */
export async function throughStaging(world: StoryWorld, release: ReleaseView): Promise<void> {
  const succeeded = until(world, `release ${release.number} in staging`, () =>
    promotionOf(world, release, 'staging', ['succeeded']),
  )
  const promotion = await world.narrator.progress(
    `release ${release.number} goes to staging by itself`,
    succeeded,
  )
  world.narrator.say(
    `staging (automatic) took release ${release.number} by itself: ${promotion.because}`,
  )
}

export async function promotionOf(
  world: StoryWorld,
  release: ReleaseView,
  environment: string,
  phases: readonly string[],
): Promise<PromotionView | undefined> {
  const all = await world.stage.as('dana').promotions()
  return all.find(
    (one) =>
      one.release.id === release.id &&
      one.environment === environment &&
      phases.includes(one.phase),
  )
}

/** A person who is not involved approves exactly what was shown. */
export async function approve(
  world: StoryWorld,
  release: ReleaseView,
  comment: string,
): Promise<PromotionView> {
  const { narrator, stage } = world
  const waiting = await until(world, `the approval of release ${release.number}`, () =>
    promotionOf(world, release, 'production', ['awaiting_approval']),
  )
  narrator.say(`production (manual) waits for a person: ${waiting.because}`)
  for (const change of waiting.changes) narrator.say(`  would change: ${change}`)
  narrator.command(`lockstep approve production --as olga --comment "${comment}"`)
  const answer = await stage
    .as('olga')
    .approve(waiting.id, { binding: waiting.binding ?? '', comment })
  if (!answer.accepted)
    throw new LockstepError({
      code: 'story.not_approved',
      kind: 'internal',
      message: answer.because,
    })
  return waiting
}

export async function rolloutOf(
  world: StoryWorld,
  release: ReleaseView,
  phases?: readonly string[],
): Promise<RolloutView | undefined> {
  const all = await world.stage.as('dana').rollouts()
  return all.find(
    (one) =>
      one.candidate.id === release.id &&
      one.environment === 'production' &&
      (phases === undefined || phases.includes(one.phase)),
  )
}

/** Follows a production rollout to its end, telling each step as it comes. */
export async function followRollout(world: StoryWorld, release: ReleaseView): Promise<RolloutView> {
  let told = ''
  let at = 'starting'
  const ended = until(world, `the rollout of release ${release.number}`, async () => {
    const rollout = await rolloutOf(world, release)
    if (!rollout) return null
    const place = `${rollout.phase} at ${rollout.candidateBp / 100} %`
    at = `${rollout.strategy} of release ${release.number}: ${place}; ${rollout.analysis?.candidate.requests ?? 0} candidate answers, ${rollout.analysis?.candidate.errors ?? 0} errors`
    if (place !== told && ['analysing', 'baking', 'shadowing'].includes(rollout.phase))
      world.narrator.say(`${rollout.strategy}: ${place}`)
    told = place
    return rollout.finishedAt !== null && rollout
  })
  return world.narrator.progress(() => at, ended)
}
