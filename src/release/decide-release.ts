// What happens to a sealed release: people block, unblock or yank it with a reason; a failed integrity check quarantines it.
import type { Instant } from '../foundation/clock.ts'
import { isRefusal, type Refusal, refuse } from '../foundation/refusal.ts'
import {
  type Decision,
  type Draft,
  draftOf,
  type EventDraft,
  type Intent,
  type IntentAnswer,
} from '../store/object.ts'
import { keyCodes } from './key-codes.ts'
import { type Objection, type Release, releaseKind, releaseName } from './release.ts'

export interface SeenOfRelease {
  /** Oldest first. */
  readonly intents: readonly Intent[]
  /** Environments in which it answers live traffic now. */
  readonly servingIn: readonly string[]
  /** The latest `verifyRelease` that refused, if one did. */
  readonly integrity: Refusal | null
}

/** There is nothing to make true in the world: who may serve follows from the phase. */
export function decideRelease(
  release: Release,
  seen: SeenOfRelease,
  _now: Instant,
): Decision<Release, never> {
  let next = draftOf<Release>(release)
  let event: EventDraft | undefined
  const answers: IntentAnswer[] = []
  for (const intent of seen.intents) {
    const outcome = event ? oneAtATime : obey(next, intent, seen)
    if (isRefusal(outcome)) {
      answers.push({ intentId: intent.id, accepted: false, because: outcome.because })
      continue
    }
    next = outcome.next
    event = outcome.event
    answers.push({ intentId: intent.id, accepted: true, because: outcome.event.because })
  }
  if (!event && seen.integrity && (next.phase === 'sealed' || next.phase === 'blocked')) {
    const because = `${releaseName(release)} is quarantined: ${seen.integrity.because}`
    const { because: why, refused } = seen.integrity
    const objection = { because: why, by: 'system:loop', refused }
    next = objected(next, 'quarantined', objection)
    event = { type: 'release.quarantined', actor: 'system:loop', because }
  }
  if (!event && !seen.integrity && isKeyTrouble(next)) {
    next = cleared(next)
    const because = `${releaseName(release)} is out of quarantine: a key that is trusted has signed it`
    event = { type: 'release.cleared', actor: 'system:loop', because }
  }
  return event ? { next, event, actions: [], answers } : { next, actions: [], answers }
}

/** Its bytes were never in doubt, only its key: another signature settles that. */
function isKeyTrouble(release: Draft<Release>): boolean {
  return release.phase === 'quarantined' && keyCodes.includes(release.objection.refused ?? '')
}

const oneAtATime = refuse(
  'release.busy',
  'another command to this release was obeyed at the same moment; look at it again and repeat yours if it is still wanted',
)

interface Outcome {
  readonly next: Draft<Release>
  readonly event: EventDraft
}

function obey(release: Draft<Release>, intent: Intent, seen: SeenOfRelease): Outcome | Refusal {
  const to = targets[intent.command]
  const name = releaseName(release)
  if (!to) {
    return refuse(
      'release.unknown_command',
      `a release knows no command '${intent.command}'; allowed are ${Object.keys(targets).join(', ')}`,
    )
  }
  const reason = intent.reason?.trim() ?? ''
  if (reason === '') {
    return refuse('release.reason_missing', `to ${intent.command} ${name} a reason is required`)
  }
  if (intent.command === 'unblock' && release.phase !== 'blocked') {
    return refuse(
      'release.not_blocked',
      `${name} is '${release.phase}'; only a blocked one can be unblocked`,
    )
  }
  if (release.phase === to || !releaseKind.transitions[release.phase].includes(to)) {
    return refuse(
      'release.transition_refused',
      `${name} is '${release.phase}' and cannot become '${to}'; allowed now: ${releaseKind.transitions[release.phase].join(', ') || 'nothing, it is final'}`,
    )
  }
  if (to === 'yanked' && seen.servingIn.length > 0) {
    return refuse(
      'release.serving',
      `${name} serves in ${seen.servingIn.join(', ')}; roll back there first, then yank it`,
    )
  }
  const because = `${name} is ${done[intent.command]}: ${reason}`
  const event = { type: `release.${done[intent.command]}`, actor: intent.actor, because }
  if (to === 'sealed') return { next: cleared(release), event }
  return { next: objected(release, to, { because: reason, by: intent.actor }), event }
}

const targets: Readonly<Record<string, 'blocked' | 'sealed' | 'yanked'>> = {
  block: 'blocked',
  unblock: 'sealed',
  yank: 'yanked',
}

const done: Readonly<Record<string, string>> = {
  block: 'blocked',
  unblock: 'unblocked',
  yank: 'yanked',
}

function objected(
  release: Draft<Release>,
  phase: 'blocked' | 'quarantined' | 'yanked',
  objection: Objection,
): Draft<Release> {
  return { ...release, phase, objection }
}

function cleared(release: Draft<Release>): Draft<Release> {
  if (!('objection' in release)) return { ...release, phase: 'sealed' }
  const { objection: _objection, ...facts } = release
  return { ...facts, phase: 'sealed' }
}
