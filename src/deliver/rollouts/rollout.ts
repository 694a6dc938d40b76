// One movement of traffic from a stable release to a candidate. Its strategy and analysis are frozen at the start: changing
// the question while evidence comes in would make the verdict worthless.
import type { Instant } from '../../foundation/clock.ts'
import type { AnalysisSpec, EnvironmentSpec, StrategySpec } from '../../project/environment-spec.ts'
import { type Actor, type Change, defineKind, type StoredObject } from '../../store/object.ts'
import { type ReleaseRef, spoken } from '../environments/deployment.ts'
import type { PromotionIntent } from '../policy/blockers.ts'
import type { RolloutOrder } from '../promotions/promotion-seen.ts'
import type { Analysis } from './analyse-rollout.ts'

/** With nothing to compare with and nothing to return to: warm up, all traffic, absolute limits, bake. Visible as such. */
export interface InitialStrategy {
  readonly kind: 'initial'
  readonly bakeMs: number
}

export type RolloutStrategy = StrategySpec | InitialStrategy

/** When things became true; null while they have not. */
export interface RolloutMarks {
  /** First time the candidate was given answers to give. */
  readonly movedAt: Instant | null
  readonly firstCandidateErrorAt: Instant | null
  readonly harmDecidedAt: Instant | null
  /** All gateways have applied the routing without the candidate. */
  readonly zeroTrafficAt: Instant | null
  readonly lastCandidateAnswerAt: Instant | null
}

interface RolloutFields extends StoredObject {
  readonly environment: string
  readonly promotionId: string
  readonly release: ReleaseRef
  /** What served when it began; null makes it the initial one. */
  readonly from: ReleaseRef | null
  readonly intent: PromotionIntent
  readonly requester: Actor
  readonly strategy: RolloutStrategy
  readonly analysis: AnalysisSpec
  readonly startedAt: Instant
  readonly marks: RolloutMarks
}

/** Phases in which the rollout goes forward by itself; a pause remembers which one it stopped. */
export type MovingState =
  | { readonly phase: 'pending' | 'provisioning' | 'warming'; readonly deadlineAt: Instant }
  | {
      readonly phase: 'shadowing'
      readonly epoch: number
      /** When every gateway mirrored; null until then. Time and evidence count from here. */
      readonly observedAt: Instant | null
      readonly deadlineAt: Instant
    }
  | {
      readonly phase: 'stepping'
      readonly step: number
      readonly epoch: number
      readonly deadlineAt: Instant
    }
  | {
      readonly phase: 'analysing'
      readonly step: number
      readonly observedAt: Instant
      /** Candidate answers before this step: a step needs answers of its own. */
      readonly countedFrom: number
      readonly deadlineAt: Instant
    }
  | { readonly phase: 'promoting'; readonly epoch: number; readonly deadlineAt: Instant }
  /** Its deadline is the end of the bake. */
  | { readonly phase: 'baking'; readonly observedAt: Instant; readonly deadlineAt: Instant }

export type PauseCause = 'manual' | 'insufficient' | 'invalid'

export interface PausedState {
  readonly phase: 'paused'
  readonly cause: PauseCause
  readonly because: string
  readonly since: Instant
  /** Taken back if nobody has resumed by then. */
  readonly deadlineAt: Instant
  readonly paused: MovingState
}

export type AbortCause =
  | 'harm'
  | 'person'
  | 'insufficient'
  | 'not_ready'
  | 'not_observed'
  | 'pause_limit'

export interface ReturningState {
  /** `rollback_failed` has an owner instead of a deadline: it pages until gateways answer. */
  readonly phase: 'aborting' | 'rollback_failed'
  readonly cause: AbortCause
  readonly because: string
  readonly epoch: number
  readonly deadlineAt: Instant
  /** `errored` when the candidate could not even be tried: no traffic ever moved. */
  readonly outcome: 'rolled_back' | 'errored'
  readonly verdict: Analysis
}

export interface EndedState {
  readonly phase: 'completed' | 'rolled_back' | 'errored'
  readonly because: string
  readonly endedAt: Instant
  readonly cause: AbortCause | null
  readonly verdict: Analysis
}

export type RolloutState = MovingState | PausedState | ReturningState | EndedState

export type Rollout = RolloutFields & RolloutState

const moving = [
  'provisioning',
  'warming',
  'shadowing',
  'stepping',
  'analysing',
  'promoting',
  'baking',
] as const

export const rolloutKind = defineKind<Rollout>({
  name: 'rollout',
  transitions: {
    pending: ['provisioning', 'paused', 'aborting'],
    provisioning: ['warming', 'paused', 'aborting'],
    warming: ['shadowing', 'stepping', 'promoting', 'paused', 'aborting'],
    shadowing: ['stepping', 'promoting', 'paused', 'aborting'],
    stepping: ['analysing', 'promoting', 'paused', 'aborting'],
    analysing: ['stepping', 'promoting', 'paused', 'aborting'],
    paused: ['pending', ...moving, 'aborting'],
    promoting: ['baking', 'paused', 'aborting'],
    baking: ['completed', 'paused', 'aborting'],
    aborting: ['rolled_back', 'errored', 'rollback_failed'],
    rollback_failed: ['rolled_back', 'errored'],
    completed: [],
    rolled_back: [],
    errored: [],
  },
  initial: ['pending'],
})

/** How long each wait may take; a step's own deadline is declared in its analysis. */
export const rolloutLimits = {
  provisionMs: 120_000,
  warmMs: 60_000,
  observeMs: 60_000,
  returnMs: 30_000,
  pauseMs: 86_400_000,
} as const

const noMarks: RolloutMarks = {
  movedAt: null,
  firstCandidateErrorAt: null,
  harmDecidedAt: null,
  zeroTrafficAt: null,
  lastCandidateAnswerAt: null,
}

export function openRollout(order: RolloutOrder): Change<Rollout> {
  const { rolloutId, promotionId, number, model, environment, release, from, intent } = order
  const strategy = strategyFor(environment, order)
  return {
    kind: rolloutKind,
    expect: null,
    object: {
      id: rolloutId,
      number,
      model,
      environment: environment.name,
      phase: 'pending',
      parentId: promotionId,
      wakeAt: order.now,
      promotionId,
      release,
      from,
      intent,
      requester: order.requester,
      strategy,
      analysis: environment.analysis,
      startedAt: order.now,
      marks: noMarks,
      deadlineAt: order.now + rolloutLimits.provisionMs,
    },
    event: {
      type: 'rollout.opened',
      actor: 'system:loop',
      because: `${spoken(from)} → ${spoken(release)} in '${environment.name}' by '${strategy.kind}'`,
      details: { strategy },
    },
  }
}

export function isEnded(rollout: Rollout): rollout is RolloutFields & EndedState {
  return (
    rollout.phase === 'completed' || rollout.phase === 'rolled_back' || rollout.phase === 'errored'
  )
}

/** Only what the phase itself holds: what a pause remembers and the next pass starts from. */
export function movingStateOf(state: MovingState): MovingState {
  const { deadlineAt } = state
  switch (state.phase) {
    case 'pending':
    case 'provisioning':
    case 'warming':
      return { phase: state.phase, deadlineAt }
    case 'shadowing':
      return { phase: state.phase, epoch: state.epoch, observedAt: state.observedAt, deadlineAt }
    case 'stepping':
      return { phase: state.phase, step: state.step, epoch: state.epoch, deadlineAt }
    case 'analysing': {
      const { phase, step, observedAt, countedFrom } = state
      return { phase, step, observedAt, countedFrom, deadlineAt }
    }
    case 'promoting':
      return { phase: state.phase, epoch: state.epoch, deadlineAt }
    case 'baking':
      return { phase: state.phase, observedAt: state.observedAt, deadlineAt }
  }
}

/** Going back to a known release skips the steps but keeps the warm-up and the bake. */
function strategyFor(environment: EnvironmentSpec, order: RolloutOrder): RolloutStrategy {
  const { strategy } = environment
  if (order.from === null) return { kind: 'initial', bakeMs: strategy.bakeMs }
  if (order.intent === 'rollback') return { kind: 'blue_green', bakeMs: strategy.bakeMs }
  return strategy
}
