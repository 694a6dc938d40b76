// What a person types, as the object it means: `2 production`, `rollout 3`, `staging`, an id.
import type { LockstepApi, WhyQuery } from '../api/contract/routes.ts'
import type { PromotionView, RolloutView } from '../api/contract/views.ts'
import { LockstepError } from '../foundation/errors.ts'
import { rolloutIsOver } from './exit-codes.ts'

const kinds = ['step', 'run', 'release', 'promotion', 'rollout', 'alert'] as const
/** `train`, `step train`, `run 3`, `release 2 production`, `2 production`, `promotion 4`, or an id. */
export async function whyQuery(words: readonly string[], api: LockstepApi): Promise<WhyQuery> {
  const [first = '', ...rest] = words
  if (first.includes(':')) return query(first, rest[0])
  if (isKind(first) && rest[0] !== undefined) return named(first, rest[0], rest[1], api)
  if (/^\d+$/.test(first)) return query(`release:${first}`, rest[0])
  // An id says what it names: `rollout_01kc…`. Step names are shorter than ids.
  const prefix = first.slice(0, Math.max(0, first.indexOf('_')))
  if (isKind(prefix) && prefix !== 'step' && first.length > 20) {
    return query(`${prefix}:${first}`, rest[0])
  }
  return query(`step:${first}`, rest[0])
}

async function named(
  kind: (typeof kinds)[number],
  name: string,
  environment: string | undefined,
  api: LockstepApi,
): Promise<WhyQuery> {
  if (!/^\d+$/.test(name)) return query(`${kind}:${name}`, environment)
  if (kind === 'promotion') return query(`promotion:${(await findPromotion(api, name)).id}`)
  if (kind === 'rollout') return query(`rollout:${(await findRollout(api, name)).id}`)
  return query(`${kind}:${name}`, environment)
}

function query(subject: string, environment?: string): WhyQuery {
  return environment === undefined ? { subject } : { subject, environment }
}

function isKind(word: string): word is (typeof kinds)[number] {
  return kinds.some((kind) => kind === word)
}

/** By id, number, or the environment whose promotion waits for a person; without any, the only one that waits. */
export async function findPromotion(
  api: LockstepApi,
  asked: string | undefined,
): Promise<PromotionView> {
  const promotions = await api.promotions()
  const waiting = promotions.filter((promotion) => promotion.phase === 'awaiting_approval')
  if (asked === undefined) return onlyOne(waiting, 'waits for approval')
  const exact = promotions.find(
    (promotion) => promotion.id === asked || String(promotion.number) === asked,
  )
  if (exact) return exact
  const there = waiting.filter((promotion) => promotion.environment === asked)
  if (there.length > 0) return onlyOne(there, `waits for approval in ${asked}`)
  throw new LockstepError({
    code: 'cli.promotion_unknown',
    kind: 'not_found',
    message: `no promotion '${asked}', and none to an environment of that name waits for approval`,
    hint: waiting.length > 0 ? `waiting: ${listOf(waiting)}` : 'see what there is: lockstep status',
  })
}

function onlyOne(waiting: readonly PromotionView[], what: string): PromotionView {
  const [first, second] = waiting
  if (first && !second) return first
  if (!first) {
    throw new LockstepError({
      code: 'cli.nothing_waits',
      kind: 'not_found',
      message: `no promotion ${what}`,
      hint: 'ask for one: lockstep promote --to ENVIRONMENT',
    })
  }
  throw new LockstepError({
    code: 'cli.several_wait',
    kind: 'invalid',
    message: `${waiting.length} promotions wait; say which one: ${listOf(waiting)}`,
    hint: `lockstep approve ${first.number}`,
    details: { promotions: waiting.map((promotion) => promotion.id) },
  })
}

function listOf(promotions: readonly PromotionView[]): string {
  return promotions
    .map((one) => `${one.number} (release ${one.release.number} → ${one.environment})`)
    .join(', ')
}

/** By id or number; without either the active one, else the newest. */
export async function findRollout(
  api: LockstepApi,
  asked: string | undefined,
): Promise<RolloutView> {
  const rollouts = await api.rollouts()
  const newestFirst = [...rollouts].sort((a, b) => b.number - a.number)
  const found =
    asked === undefined
      ? (newestFirst.find((rollout) => !rolloutIsOver(rollout)) ?? newestFirst[0])
      : newestFirst.find(
          (rollout) =>
            rollout.id === asked ||
            String(rollout.number) === asked ||
            (rollout.environment === asked && !rolloutIsOver(rollout)),
        )
  if (found) return found
  throw new LockstepError({
    code: 'cli.rollout_unknown',
    kind: 'not_found',
    message: asked === undefined ? 'there is no rollout yet' : `there is no rollout '${asked}'`,
    hint:
      newestFirst[0] === undefined
        ? 'a promotion starts one: lockstep promote --to ENVIRONMENT'
        : `the newest is ${newestFirst[0].number} (${newestFirst[0].id})`,
  })
}
