// What stands between a release and an environment: every reason at once, each with who or what clears it.
import { type Instant, toIso } from '../../foundation/clock.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import type { Actor } from '../../store/object.ts'
import { type Deployment, type ReleaseRef, spoken } from '../environments/deployment.ts'
import { freezeAt } from './freezes.ts'

/** What a promotion is for. Said, never guessed: a forward promotion never installs an older release. */
export type PromotionIntent = 'forward' | 'rollback' | 'redeploy' | 'config_only'

/** What policy reads of a release. */
export interface ReleaseFacts extends ReleaseRef {
  readonly phase:
    | 'building'
    | 'sealed'
    | 'blocked'
    | 'quarantined'
    | 'yanked'
    | 'retired'
    | 'archived'
  /** Why it is in that phase, for the sentence; null when nobody said. */
  readonly because: string | null
  readonly manifestDigest: string
  readonly evidenceDigest: string
  /** What its gates left undecided, in words; null when they decided. Then even automatic delivery waits for a person. */
  readonly undecided: string | null
  readonly waivedBy: readonly string[]
}

/** What policy reads of the rest of the world. */
export interface PromotionFacts {
  /** When this release succeeded in `environment.after`; null while it has not. Ignored without `after`. */
  readonly upstreamSucceededAt: Instant | null
  /** Whether this release has completed a rollout in this very environment before. */
  readonly hasServedHere: boolean
}

export type BlockerCode =
  | 'release_not_sealed'
  | 'release_yanked'
  | 'downgrade'
  | 'not_a_rollback'
  | 'not_a_redeploy'
  | 'already_serving'
  | 'upstream_missing'
  | 'soaking'
  | 'frozen'
  | 'held'
  | 'lane_busy'
  | 'approval_impossible'

export interface Blocker {
  readonly code: BlockerCode
  readonly because: string
  /** `nothing`: it will never clear, the promotion is rejected. `lane`: it waits its turn in the queue. */
  readonly clearedBy: 'time' | 'person' | 'release' | 'upstream' | 'lane' | 'nothing'
  readonly clearsAt: Instant | null
}

export interface PolicyQuestion {
  readonly release: ReleaseFacts
  readonly environment: EnvironmentSpec
  readonly deployment: Deployment
  readonly promotion: { readonly intent: PromotionIntent; readonly requester: Actor }
  readonly facts: PromotionFacts
  readonly now: Instant
}

/** All blockers at once, hardest first; an empty list means the promotion may go on. */
export function evaluatePolicy(question: PolicyQuestion): readonly Blocker[] {
  const found = [...releaseBlockers(question.release), ...directionBlockers(question)]
  // Going back is always open: only what would make it dangerous or pointless may stop it.
  if (question.promotion.intent !== 'rollback') {
    found.push(
      ...upstreamBlockers(question),
      ...frozenBlockers(question),
      ...heldBlockers(question),
    )
  }
  found.push(...laneBlockers(question))
  return found.sort((a, b) => hardness(b) - hardness(a))
}

export function isHard(blocker: Blocker): boolean {
  return blocker.clearedBy === 'nothing'
}

/** Started by the machine: policies, schedules and services. Holds stop exactly these. */
export function isAutomatic(requester: Actor): boolean {
  return !requester.startsWith('person:')
}

function releaseBlockers(release: ReleaseFacts): Blocker[] {
  const why = release.because === null ? '' : `: ${release.because}`
  const said = `release ${release.number} is ${release.phase}${why}`
  switch (release.phase) {
    case 'sealed':
      return []
    case 'yanked':
    case 'archived':
      return [blocker('release_yanked', `${said}; it can never be promoted again`, 'nothing')]
    case 'building':
      return [
        blocker('release_not_sealed', `${said}; only a sealed release gets traffic`, 'release'),
      ]
    case 'blocked':
    case 'quarantined':
    case 'retired':
      return [blocker('release_not_sealed', `${said}; a person has to clear it`, 'person')]
  }
}

function directionBlockers({
  release,
  environment,
  deployment,
  promotion,
}: PolicyQuestion): Blocker[] {
  const { stable } = deployment
  const serves = `'${environment.name}' serves ${spoken(stable)}`
  if (stable === null) {
    if (promotion.intent === 'forward') return []
    return [blocker('not_a_redeploy', `${serves}: the first promotion is a forward one`, 'nothing')]
  }
  const isSame = stable.releaseId === release.releaseId
  switch (promotion.intent) {
    case 'forward':
      if (isSame)
        return [blocker('already_serving', `${serves} already; nothing would change`, 'nothing')]
      if (release.number > stable.number) return []
      return [
        blocker(
          'downgrade',
          `${serves}, which is newer than release ${release.number}; say so with the intent 'rollback'`,
          'nothing',
        ),
      ]
    case 'rollback':
      if (isSame)
        return [blocker('already_serving', `${serves} already; nothing would change`, 'nothing')]
      if (release.number < stable.number) return []
      return [
        blocker(
          'not_a_rollback',
          `${serves}; release ${release.number} is newer, so it needs the intent 'forward'`,
          'nothing',
        ),
      ]
    case 'redeploy':
    case 'config_only':
      if (isSame) return []
      return [
        blocker(
          'not_a_redeploy',
          `${serves}; '${promotion.intent}' repeats the serving release, not release ${release.number}`,
          'nothing',
        ),
      ]
  }
}

function upstreamBlockers({
  release,
  environment,
  facts,
  now,
  promotion,
}: PolicyQuestion): Blocker[] {
  const { after, soakMs, name } = environment
  if (after === null || promotion.intent !== 'forward') return []
  if (facts.upstreamSucceededAt === null) {
    const because = `release ${release.number} has not succeeded in '${after}' yet, which '${name}' demands`
    return [blocker('upstream_missing', because, 'upstream')]
  }
  const soakedAt = facts.upstreamSucceededAt + soakMs
  if (now >= soakedAt) return []
  const spent = formatDuration(now - facts.upstreamSucceededAt)
  const because = `release ${release.number} has been in '${after}' for ${spent} of the ${formatDuration(soakMs)} that '${name}' demands`
  return [blocker('soaking', because, 'time', soakedAt)]
}

function frozenBlockers({ environment, now }: PolicyQuestion): Blocker[] {
  const freeze = freezeAt(environment.freezes, now)
  if (freeze === null) return []
  const because = `'${environment.name}' is frozen until ${toIso(freeze.until)}: ${freeze.because}`
  return [blocker('frozen', because, 'time', freeze.until)]
}

function heldBlockers({ environment, deployment, promotion }: PolicyQuestion): Blocker[] {
  if (deployment.hold === null || !isAutomatic(promotion.requester)) return []
  const because = `'${environment.name}' is held for automatic promotion: ${deployment.hold.because}`
  return [blocker('held', because, 'person')]
}

function laneBlockers({ environment, deployment }: PolicyQuestion): Blocker[] {
  if (deployment.rolloutId === null) return []
  const because = `${spoken(deployment.candidate)} is being rolled out in '${environment.name}'`
  return [blocker('lane_busy', because, 'lane')]
}

function hardness(blocker: Blocker): number {
  return isHard(blocker) ? 2 : blocker.clearedBy === 'lane' ? 0 : 1
}

function blocker(
  code: BlockerCode,
  because: string,
  clearedBy: Blocker['clearedBy'],
  clearsAt: Instant | null = null,
): Blocker {
  return { code, because, clearedBy, clearsAt }
}
