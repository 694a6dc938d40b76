// Environments, promotions and rollouts as the wire shows them.
import type { Deployment, ReleaseRef } from '../../deliver/environments/deployment.ts'
import { nameOf } from '../../deliver/environments/draft.ts'
import type { ObservedReplica } from '../../deliver/platforms/platform.ts'
import { approvalRule, judgeApprovals } from '../../deliver/policy/approvals.ts'
import type { Promotion } from '../../deliver/promotions/promotion.ts'
import { isWaiting } from '../../deliver/promotions/promotion.ts'
import { explainAnalysis } from '../../deliver/rollouts/explain-analysis.ts'
import { isEnded, type Rollout } from '../../deliver/rollouts/rollout.ts'
import type { RolloutEvidence } from '../../deliver/rollouts/rollout-evidence.ts'
import { toIso } from '../../foundation/clock.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import type { Release } from '../../release/release.ts'
import type {
  AnalysisView,
  EnvironmentView,
  PromotionView,
  ReleaseRefView,
  RolloutView,
  TrafficView,
} from '../contract/views.ts'
import { isoOrNull } from './run-view.ts'

export function refView(
  ref: ReleaseRef | null,
  releases: readonly Release[],
): ReleaseRefView | null {
  if (!ref) return null
  const alias = releases.find((release) => release.id === ref.releaseId)?.alias ?? ''
  return { id: ref.releaseId, number: ref.number, alias }
}

export interface EnvironmentFacts {
  readonly spec: EnvironmentSpec
  readonly host: string
  readonly deployment: Deployment
  readonly observedEpoch: number | null
  readonly replicas: readonly ObservedReplica[]
  readonly traffic: TrafficView
  readonly releases: readonly Release[]
}

export function environmentView({
  spec,
  host,
  deployment,
  observedEpoch,
  replicas,
  traffic,
  releases,
}: EnvironmentFacts): EnvironmentView {
  const { hold } = deployment
  return {
    name: spec.name,
    phase: deployment.phase,
    delivery: spec.delivery,
    url: `http://${host}:${spec.port}`,
    stable: refView(deployment.stable, releases),
    candidate: refView(deployment.candidate, releases),
    previous: refView(deployment.previous, releases),
    candidateBp: deployment.candidateBp,
    mirrorBp: deployment.mirrorBp,
    epoch: deployment.epoch,
    observedEpoch,
    replicas: replicas.map((replica) => ({
      id: replica.id,
      release: releases.find((release) => release.id === replica.releaseId)?.number ?? 0,
      phase: replica.phase,
      pid: replica.pid,
      restarts: replica.restarts,
    })),
    hold: hold && { since: toIso(hold.since), because: hold.because, actor: hold.actor },
    traffic,
  }
}

export interface PromotionFactsForView {
  readonly spec: EnvironmentSpec | undefined
  readonly releases: readonly Release[]
  readonly involved: { readonly authors: readonly string[]; readonly runStarter: string | null }
  readonly changes: readonly string[]
}

export function promotionView(
  promotion: Promotion,
  { spec, releases, involved, changes }: PromotionFactsForView,
): PromotionView {
  const waiting = isWaiting(promotion)
  const clearance = releases.find((one) => one.id === promotion.release.releaseId)?.clearance
  const rule = approvalRule(spec?.approval ?? null, clearance?.undecided ?? null)
  const judged = judgeApprovals(rule, promotion.approvals, {
    requester: promotion.requester,
    ...involved,
    waivedBy: clearance?.waivedBy ?? [],
  })
  const asks = promotion.phase === 'awaiting_approval'
  return {
    id: promotion.id,
    number: promotion.number ?? 0,
    phase: promotion.phase,
    intent: promotion.intent,
    release: refView(promotion.release, releases) ?? {
      id: promotion.release.releaseId,
      number: promotion.release.number,
      alias: '',
    },
    environment: promotion.environment,
    requestedBy: promotion.requester,
    because: sentenceOfPromotion(promotion),
    blockers: waiting
      ? promotion.blockers.map((blocker) => ({
          code: blocker.code,
          because: blocker.because,
          clearedBy: blocker.clearedBy,
          clearsAt: isoOrNull(blocker.clearsAt),
        }))
      : [],
    approvals: promotion.approvals.map((approval) => ({
      actor: nameOf(approval.approver),
      phase: approval.phase,
      at: toIso(approval.at),
      comment: approval.comment,
    })),
    approvers: asks
      ? judged.mayApprove.anyone
        ? ['anyone not excluded']
        : judged.mayApprove.names
      : [],
    approvalsNeeded: asks ? Math.max(0, judged.needed - judged.counted.length) : 0,
    binding: promotion.binding?.digest ?? null,
    changes,
    rolloutId: 'rolloutId' in promotion ? promotion.rolloutId : null,
    expiresAt: waiting ? toIso(promotion.expiresAt) : null,
    createdAt: toIso(promotion.createdAt),
  }
}

function sentenceOfPromotion(promotion: Promotion): string {
  if ('because' in promotion) return promotion.because
  if ('missing' in promotion && promotion.missing !== null) return promotion.missing
  if ('blockers' in promotion && promotion.blockers.length > 0)
    return promotion.blockers.map((blocker) => blocker.because).join('; ')
  return promotion.reason ?? `requested by ${promotion.requester}`
}

export function rolloutView(
  rollout: Rollout,
  evidence: RolloutEvidence,
  deployment: Deployment | undefined,
  releases: readonly Release[],
): RolloutView {
  const { marks, strategy } = rollout
  const state = 'paused' in rollout ? rollout.paused : rollout
  const { firstCandidateErrorAt, harmDecidedAt, zeroTrafficAt } = marks
  return {
    id: rollout.id,
    number: rollout.number ?? 0,
    phase: rollout.phase,
    strategy: strategy.kind,
    environment: rollout.environment,
    stable: refView(rollout.from, releases),
    candidate: refView(rollout.release, releases) ?? {
      id: rollout.release.releaseId,
      number: rollout.release.number,
      alias: '',
    },
    step: 'step' in state ? state.step : null,
    steps: strategy.kind === 'canary' ? strategy.steps.length : 0,
    candidateBp: deployment?.rolloutId === rollout.id ? deployment.candidateBp : 0,
    because: 'because' in rollout ? rollout.because : '',
    analysis: analysisView(rollout, evidence),
    createdAt: toIso(rollout.createdAt),
    finishedAt: isEnded(rollout) ? toIso(rollout.endedAt) : null,
    timings: {
      firstCandidateErrorAt: isoOrNull(firstCandidateErrorAt),
      harmDecidedAt: isoOrNull(harmDecidedAt),
      zeroTrafficAt: isoOrNull(zeroTrafficAt),
      firstErrorToZeroTrafficMs:
        firstCandidateErrorAt !== null && zeroTrafficAt !== null
          ? zeroTrafficAt - firstCandidateErrorAt
          : null,
    },
  }
}

function analysisView(rollout: Rollout, evidence: RolloutEvidence): AnalysisView {
  const { analysis, sentences } = explainAnalysis(evidence, rollout.analysis)
  return {
    verdict: analysis.verdict,
    sentences,
    candidate: { requests: analysis.candidate.requests, errors: analysis.candidate.errors },
    stable: { requests: analysis.stable.requests, errors: analysis.stable.errors },
  }
}
