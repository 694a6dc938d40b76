// `why`: one question, answered from records: why a step ran or was a hit, what blocks a release, why a rollout ended as it did.

import { type Run, runKind } from '../control/runs/run.ts'
import { promotionKind } from '../deliver/promotions/promotion.ts'
import { rolloutKind } from '../deliver/rollouts/rollout.ts'
import { LockstepError } from '../foundation/errors.ts'
import { type Alert, alertKind } from '../observe/monitors/alert.ts'
import { type Release, releaseKind, releaseName } from '../release/release.ts'
import type { ApiWorld } from './api-world.ts'
import type { WhyQuery } from './contract/routes.ts'
import type { PromotionView, WhyView } from './contract/views.ts'
import { byIdOrNumber, promotionViews, viewPromotion, viewRollout } from './queries.ts'
import { whyStep } from './why-step.ts'

type Answerer = (world: ApiWorld, id: string, environment: string | undefined) => Promise<WhyView>

const answerers: Readonly<Record<string, Answerer>> = {
  step: whyStep,
  run: whyRun,
  release: whyRelease,
  promotion: async (world, id) =>
    answerPromotion(await viewPromotion(world, await byIdOrNumber(world, promotionKind, id))),
  rollout: whyRollout,
  alert: whyAlert,
}

export async function why(world: ApiWorld, { subject, environment }: WhyQuery): Promise<WhyView> {
  const colon = subject.indexOf(':')
  const answer = answerers[subject.slice(0, colon)]
  if (colon > 0 && answer) return answer(world, subject.slice(colon + 1), environment)
  throw new LockstepError({
    code: 'api.unknown_subject',
    kind: 'invalid',
    message: `'${subject}' is nothing to ask about; ask about ${Object.keys(answerers)
      .map((kind) => `${kind}:…`)
      .join(', ')}`,
  })
}

async function whyRun(world: ApiWorld, id: string): Promise<WhyView> {
  const run: Run = await byIdOrNumber(world, runKind, id)
  const steps = run.steps.map((step) => `step ${step.name} (${step.verdict}): ${step.because}`)
  const checks = run.gates.flatMap((gate) =>
    gate.checks.map((check) => ({ gate: gate.name, ...check })),
  )
  const bad = checks.filter((check) => !['pass', 'skipped'].includes(check.verdict))
  const good = checks.filter((check) => !bad.includes(check))
  const sentences = [...bad, ...good].map(
    (check) => `gate ${check.gate} (${check.verdict}): ${check.because}`,
  )
  return {
    subject: `run:${run.number}`,
    answer: `run ${run.number} ${run.phase}: ${run.because}`,
    sentences: [...sentences, ...steps],
    next: [`lockstep logs --run ${run.number}`],
  }
}

async function whyRelease(
  world: ApiWorld,
  id: string,
  environment: string | undefined,
): Promise<WhyView> {
  const release: Release = await byIdOrNumber(world, releaseKind, id)
  const own = (await promotionViews(world)).filter(
    (promotion) => promotion.release.id === release.id,
  )
  const asked =
    environment === undefined
      ? own
      : own.filter((promotion) => promotion.environment === environment)
  const newest = asked[0]
  if (environment !== undefined && newest)
    return { ...answerPromotion(newest), subject: `release:${release.number} ${environment}` }
  const state = 'objection' in release ? `: ${release.objection.because}` : ''
  return {
    subject: `release:${release.number}`,
    answer: `${releaseName(release)} is ${release.phase}${state}${environment === undefined ? '' : `; nobody has asked for it in ${environment}`}`,
    sentences: asked.map(
      (promotion) => `${promotion.environment}: ${promotion.phase}: ${promotion.because}`,
    ),
    next:
      environment === undefined ? [] : [`lockstep promote ${release.number} --to ${environment}`],
  }
}

function answerPromotion(promotion: PromotionView): WhyView {
  const { release, environment, phase, because } = promotion
  const waits =
    promotion.approvalsNeeded > 0
      ? [
          `${promotion.approvalsNeeded} approval${promotion.approvalsNeeded > 1 ? 's' : ''} missing; may approve: ${promotion.approvers.join(', ')}`,
        ]
      : []
  return {
    subject: `promotion:${promotion.id}`,
    answer: `release ${release.number} in ${environment} is ${phase}: ${because}`,
    sentences: [
      ...promotion.blockers.map(
        (blocker) => `${blocker.because} (cleared by ${blocker.clearedBy})`,
      ),
      ...waits,
      ...promotion.changes,
    ],
    next:
      promotion.approvalsNeeded > 0
        ? [`lockstep approve ${promotion.id}`]
        : promotion.rolloutId
          ? [`lockstep why rollout ${promotion.rolloutId}`]
          : [],
  }
}

async function whyRollout(world: ApiWorld, id: string): Promise<WhyView> {
  const view = await viewRollout(world, await byIdOrNumber(world, rolloutKind, id))
  return {
    subject: `rollout:${view.id}`,
    answer: `the ${view.strategy} of release ${view.candidate.number} in ${view.environment} is ${view.phase}${view.because ? `: ${view.because}` : ''}`,
    sentences: view.analysis?.sentences ?? [],
    next: view.finishedAt === null ? [`lockstep rollout ${view.id}`] : [],
  }
}

async function whyAlert(world: ApiWorld, id: string): Promise<WhyView> {
  const alert: Alert = await byIdOrNumber(world, alertKind, id)
  return {
    subject: `alert:${alert.id}`,
    answer: `${alert.phase}: ${alert.sentence}`,
    sentences: alert.causes.map(
      (cause) =>
        `${cause.column}: PSI ${cause.psi.toFixed(2)}, ${cause.excess.toFixed(2)} beyond noise${cause.movers[0] ? `; ${cause.movers.join('; ')}` : ''}`,
    ),
    next: ['lockstep alerts'],
  }
}
