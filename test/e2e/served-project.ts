// A project that serves: `lockstep up` as a process, people as API clients, and the words to wait for what the loop does.
import { join } from 'node:path'
import type { LockstepApi } from '../../src/api/contract/routes.ts'
import type {
  PromotionView,
  ReleaseView,
  RolloutView,
  RunView,
} from '../../src/api/contract/views.ts'
import { createClient } from '../../src/client/http-client.ts'
import { callLocal } from '../../src/deliver/platforms/local/local-http.ts'
import type { ChildView, SupervisorView } from '../../src/deliver/platforms/local/process-spec.ts'
import { isLockstepError } from '../../src/foundation/errors.ts'
import { dataFolder, socketNames } from '../../src/project/data-folder.ts'
import { type Running, spawnLockstep, until } from './lockstep-process.ts'
import type { SmallProject } from './small-project.ts'

export interface Served {
  readonly project: SmallProject
  readonly up: Running
  as(person: string): LockstepApi
  children(): Promise<readonly ChildView[]>
}

export async function serve(project: SmallProject): Promise<Served> {
  const up = spawnLockstep(project.dir, 'up')
  const { sockets } = dataFolder(project.dir)
  const served: Served = {
    project,
    up,
    as: (person) =>
      createClient({
        target: { socketPath: join(sockets, socketNames.control) },
        actor: `person:${person}`,
      }),
    children: async () => {
      const socketPath = join(sockets, socketNames.supervisor)
      const { body } = await callLocal({ socketPath, method: 'GET', path: '/processes' })
      return (body as SupervisorView).children
    },
  }
  await looking('the control plane', () => served.as('dana').status())
  return served
}

/** A control plane that is just being started again is no answer. */
export function looking<T>(
  what: string,
  find: () => Promise<T | null | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const patient = () =>
    find().catch((error) =>
      isLockstepError(error) && error.kind === 'unavailable' ? null : Promise.reject(error),
    )
  return until(what, patient, withinMs)
}

export async function run({ as }: Served): Promise<RunView> {
  const { id } = await as('dana').startRun({ because: 'a test' })
  return looking(`run ${id}`, async () => {
    const seen = await as('dana').run(id)
    return seen.finishedAt !== null && seen
  })
}

/** The newest release, once staging has taken it by itself. */
export async function releaseInStaging(served: Served): Promise<ReleaseView> {
  const made = await run(served)
  if (!made.release) throw new Error(`run ${made.number} made no release: ${made.because}`)
  const { id } = made.release
  return looking('staging', async () => {
    const release = await served.as('dana').release(id)
    return release.environments.staging === 'serving' ||
      (await promoted(served, id, 'staging', 'succeeded'))
      ? release
      : null
  })
}

export async function promoted(
  { as }: Served,
  releaseId: string,
  environment: string,
  phase: string,
): Promise<PromotionView | undefined> {
  const all = await as('dana').promotions()
  return all.find(
    (one) => one.release.id === releaseId && one.environment === environment && one.phase === phase,
  )
}

export async function approve(served: Served, release: ReleaseView): Promise<void> {
  const waiting = await looking('the request for approval', () =>
    promoted(served, release.id, 'production', 'awaiting_approval'),
  )
  const answer = await served.as('olga').approve(waiting.id, { binding: waiting.binding ?? '' })
  if (!answer.accepted) throw new Error(answer.because)
}

export function rollout(
  { as }: Served,
  release: ReleaseView,
  is: (seen: RolloutView) => boolean,
): Promise<RolloutView> {
  return looking(
    `the rollout of release ${release.number}`,
    async () => {
      const all = await as('dana').rollouts()
      return all.find(
        (one) => one.candidate.id === release.id && one.environment === 'production' && is(one),
      )
    },
    60_000,
  )
}

export const isOver = (seen: RolloutView) => seen.finishedAt !== null
