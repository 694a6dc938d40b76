// The moves of traffic: each takes a deployment and returns the next one, with a new epoch and the invariant checked.
// Each states the wanted end ("the candidate gets 2500 bp"), so doing it twice is doing it once.
import { assert } from '../../foundation/assert.ts'
import type { Instant } from '../../foundation/clock.ts'
import { type Draft, draftOf } from '../../store/object.ts'
import { checkRouting, type Deployment, type Hold, type ReleaseRef } from './deployment.ts'

type Next = Draft<Deployment>

/** Claims the lane: the candidate's replicas are wanted from now on, without any traffic. */
export function beginCandidate(
  deployment: Deployment,
  begin: { readonly release: ReleaseRef; readonly rolloutId: string; readonly salt: string },
): Next {
  assert(
    deployment.rolloutId === null,
    `${deployment.id}: rollout ${deployment.rolloutId} already holds the lane`,
  )
  return rerouted({
    ...draftOf(deployment),
    candidate: begin.release,
    candidateBp: 0,
    mirrorBp: 0,
    rolloutId: begin.rolloutId,
    salt: begin.salt,
  })
}

/** Gives the candidate this share of answers; mirroring ends. */
export function shiftTo(deployment: Deployment, candidateBp: number): Next {
  if (deployment.candidateBp === candidateBp && deployment.mirrorBp === 0)
    return draftOf(deployment)
  return rerouted({ ...draftOf(deployment), candidateBp, mirrorBp: 0 })
}

/** Copies this share of requests to the candidate, which answers nobody. */
export function mirrorTo(deployment: Deployment, mirrorBp: number): Next {
  if (deployment.candidateBp === 0 && deployment.mirrorBp === mirrorBp) return draftOf(deployment)
  return rerouted({ ...draftOf(deployment), candidateBp: 0, mirrorBp })
}

/** Takes all traffic back. The lane stays claimed and the replicas stay (`leaving`) until every gateway has seen it. */
export function clearCandidate(deployment: Deployment, hold: Hold): Next {
  if (deployment.candidate === null) return draftOf(deployment)
  return rerouted({
    ...draftOf(deployment),
    candidate: null,
    leaving: leave(deployment, deployment.candidate),
    candidateBp: 0,
    mirrorBp: 0,
    hold: deployment.hold ?? hold,
    wakeAt: hold.since,
  })
}

/** Gives up the lane after the traffic has gone back: the next promotion may start. Routing does not change. */
export function releaseLane(deployment: Deployment): Next {
  assert(deployment.candidate === null, `${deployment.id}: its candidate still has the lane`)
  return { ...draftOf(deployment), rolloutId: null }
}

export interface Installation {
  readonly now: Instant
  /** What to do with the release that served until now. */
  readonly old: { readonly keep: 'warm'; readonly until: Instant | null } | { readonly keep: 'no' }
  /** A person's promotion that succeeds ends the hold; one that goes back sets it. */
  readonly hold: 'clear' | 'leave' | Hold
}

/** The candidate becomes stable. Who is asked does not change: it already answered everything. */
export function install(deployment: Deployment, how: Installation): Next {
  const { candidate, stable } = deployment
  assert(candidate !== null, `${deployment.id}: there is no candidate to install`)
  assert(deployment.candidateBp === 10_000, `${deployment.id}: the candidate has not all traffic`)
  const isSame = stable?.releaseId === candidate.releaseId
  const old = isSame ? deployment.previous : stable
  const isKept = how.old.keep === 'warm' && old !== null
  return rerouted({
    ...draftOf(deployment),
    phase: 'serving',
    stable: candidate,
    previous: isKept ? old : null,
    leaving: isKept || isSame ? deployment.leaving : leave(deployment, stable),
    candidate: null,
    candidateBp: 0,
    mirrorBp: 0,
    rolloutId: null,
    hold: holdAfter(deployment, how.hold),
    warmUntil: isKept && how.old.keep === 'warm' ? how.old.until : null,
    wakeAt: how.now,
  })
}

/**
 * Puts the previous release back at once. The bad one does not become `previous`: a second, panicked rollback must not
 * bring it back.
 */
export function swapBack(deployment: Deployment, hold: Hold): Next {
  assert(deployment.rolloutId === null, `${deployment.id}: abort rollout ${deployment.rolloutId}`)
  assert(deployment.previous !== null, `${deployment.id}: there is no warm release to return to`)
  return rerouted({
    ...draftOf(deployment),
    phase: 'serving',
    stable: deployment.previous,
    previous: null,
    leaving: leave(deployment, deployment.stable),
    hold: deployment.hold ?? hold,
    warmUntil: null,
    wakeAt: hold.since,
  })
}

/** A second one may leave before every gateway has seen the first go. */
function leave(deployment: Deployment, release: ReleaseRef | null): readonly ReleaseRef[] {
  const others = deployment.leaving.filter((other) => other.releaseId !== release?.releaseId)
  return release === null ? others : [...others, release]
}

function holdAfter(deployment: Deployment, hold: Installation['hold']): Hold | null {
  if (hold === 'clear') return null
  return hold === 'leave' ? deployment.hold : (deployment.hold ?? hold)
}

function rerouted(next: Omit<Next, 'phase' | 'stable'> & Pick<Next, 'phase' | 'stable'>): Next {
  const moved = { ...next, epoch: next.epoch + 1 } as Next
  checkRouting(moved)
  return moved
}
