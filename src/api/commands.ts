// What people ask for: runs are created, everything else is written down as an intent and answered by the loop, the one writer.

import { environmentNamed } from '../control/reconcilers/delivery-world.ts'
import { deploymentOf } from '../control/reconcilers/request-promotions.ts'
import { createRun, type RunScope, runKind } from '../control/runs/run.ts'
import { deploymentId, deploymentKind } from '../deliver/environments/deployment.ts'
import { createPromotion, promotionKind } from '../deliver/promotions/promotion.ts'
import { rolloutKind } from '../deliver/rollouts/rollout.ts'
import { digestOf } from '../foundation/digest.ts'
import { LockstepError } from '../foundation/errors.ts'
import { newId } from '../foundation/ids.ts'
import { type Release, releaseKind } from '../release/release.ts'
import { commitNumbered } from '../store/commit-numbered.ts'
import type { Actor, Kind, StoredObject } from '../store/object.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { ApiWorld } from './api-world.ts'
import type { CommandInput, PromoteInput, StartRunInput } from './contract/routes.ts'
import type { AnswerView } from './contract/views.ts'

export async function startRun(
  world: ApiWorld,
  actor: Actor,
  input: StartRunInput,
): Promise<string> {
  const { store, clock } = world
  const model = world.spec().model.name
  const id = input.idempotencyKey ? keyedId('run', input.idempotencyKey) : newId('run', clock.now())
  if (await store.find(runKind, id)) return id
  await commitNumbered(store, { kindName: runKind.name, model }, (number) =>
    createRun({
      id,
      model,
      number,
      startedBy: actor,
      trigger: 'person',
      cause: input.because ?? `started by ${actor.slice(actor.indexOf(':') + 1)}`,
      force: input.force ?? false,
      scope: scopeOf(input),
      now: clock.now(),
      parentId: null,
    }),
  ).catch(unlessMade(store, runKind, id))
  return id
}

function scopeOf(input: StartRunInput): RunScope {
  return {
    to: input.to ?? [],
    only: input.only ?? [],
    forced: input.forceSteps ?? [],
    parallelism: input.parallelism ?? null,
    traceReads: input.traceReads ?? false,
  }
}

export async function requestPromotion(
  world: ApiWorld,
  actor: Actor,
  input: PromoteInput,
): Promise<string> {
  const { store, clock } = world
  const environment = environmentNamed(world, input.environment)
  const release = await releaseToPromote(world, input.release)
  await deploymentOf(world, environment.name)
  const id = input.idempotencyKey
    ? keyedId('promotion', input.idempotencyKey)
    : newId('promotion', clock.now())
  if (await store.find(promotionKind, id)) return id
  const { model } = release
  await commitNumbered(store, { kindName: promotionKind.name, model }, (number) =>
    createPromotion({
      id,
      number,
      model,
      environment,
      release: { releaseId: release.id, number: release.number },
      intent: 'forward',
      requester: actor,
      reason: input.because ?? null,
      notBefore: null,
      now: clock.now(),
    }),
  ).catch(unlessMade(store, promotionKind, id))
  return id
}

/** The same request may be sent twice at once: then the other one made it. */
function unlessMade<T extends StoredObject>(store: ObjectStore, kind: Kind<T>, id: string) {
  return async (error: unknown): Promise<void> => {
    if (!(await store.find(kind, id))) throw error
  }
}

/** The same key names the same object, so a repeated request makes nothing new. */
function keyedId(prefix: string, key: string): string {
  return `${prefix}_${digestOf(key).slice('sha256:'.length, 'sha256:'.length + 26)}`
}

async function releaseToPromote(world: ApiWorld, number: number | undefined): Promise<Release> {
  const releases: Release[] = await world.store.list(releaseKind, {
    model: world.spec().model.name,
  })
  const sealed = releases
    .filter((release) => release.phase === 'sealed')
    .sort((a, b) => b.number - a.number)
  const chosen =
    number === undefined ? sealed[0] : releases.find((release) => release.number === number)
  if (chosen) return chosen
  const known =
    releases.length > 0
      ? `releases: ${releases
          .map((release) => release.number)
          .sort((a, b) => a - b)
          .join(', ')}`
      : 'there is no release yet'
  throw new LockstepError({
    code: 'api.no_release',
    kind: 'not_found',
    message:
      number === undefined
        ? `nothing can be promoted: ${known}`
        : `there is no release ${number}; ${known}`,
    hint: 'a release comes from a run whose gates hold: lockstep run',
  })
}

export interface Command {
  readonly kind: string
  readonly objectId: string
  readonly command: string
  readonly input: CommandInput
  readonly payload?: Readonly<Record<string, unknown>>
}

const answerWithinMs = 15_000
const lookMs = 10

/** Writes the intent and waits for the loop's answer; the intent stays if the caller goes away. */
export async function command(
  world: ApiWorld,
  actor: Actor,
  { kind, objectId, command: verb, input, payload }: Command,
): Promise<AnswerView> {
  const { store, clock } = world
  const intent = await store.writeIntent({
    kind,
    objectId,
    command: verb,
    actor,
    reason: input.because ?? null,
    ...(payload ? { payload } : {}),
    ...(input.idempotencyKey
      ? { idempotencyKey: `${verb}:${objectId}:${input.idempotencyKey}` }
      : {}),
  })
  const until = clock.now() + answerWithinMs
  while (clock.now() < until) {
    const answer = await store.answerOf(intent.id)
    if (answer) return { accepted: answer.accepted, because: answer.because, id: objectId }
    await clock.sleep(lookMs)
  }
  return { accepted: true, because: 'written down; the loop has not answered yet', id: objectId }
}

/** The way back: an abort while traffic moves, else the previous release at once. */
export async function rollback(
  world: ApiWorld,
  actor: Actor,
  environment: string,
  input: CommandInput,
): Promise<AnswerView> {
  environmentNamed(world, environment)
  const id = deploymentId(world.spec().model.name, environment)
  const deployment = await world.store.find(deploymentKind, id)
  const reason = {
    ...input,
    because: input.because ?? `rolled back by ${actor.slice(actor.indexOf(':') + 1)}`,
  }
  if (deployment?.rolloutId)
    return command(world, actor, {
      kind: rolloutKind.name,
      objectId: deployment.rolloutId,
      command: 'abort',
      input: reason,
    })
  await deploymentOf(world, environment)
  return command(world, actor, {
    kind: deploymentKind.name,
    objectId: id,
    command: 'rollback',
    input: reason,
  })
}
