// What exactly an approval is for, as one digest: when any part changes, the consent no longer holds and we can name the part.
import { type Digest, digestOfJson } from '../../foundation/digest.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import type { Actor } from '../../store/object.ts'
import type { Deployment, ReleaseRef } from '../environments/deployment.ts'
import type { PromotionIntent, ReleaseFacts } from './blockers.ts'

/** The parts, each short enough to keep and to compare. */
export interface BoundParts {
  readonly manifest: string
  readonly environment: Digest
  readonly plan: Digest
  readonly evidence: string
  readonly requester: Actor
  readonly intent: PromotionIntent
}

export interface Binding {
  readonly digest: Digest
  readonly parts: BoundParts
}

/** What the promotion would do, as far as consent is concerned: from which release to which, and how. */
export interface PromotionPlan {
  readonly from: ReleaseRef | null
  readonly to: ReleaseRef
  readonly strategy: EnvironmentSpec['strategy']
  readonly analysis: EnvironmentSpec['analysis']
}

export function planOf(
  release: ReleaseRef,
  environment: EnvironmentSpec,
  deployment: Deployment,
): PromotionPlan {
  return {
    from: deployment.stable,
    to: { releaseId: release.releaseId, number: release.number },
    strategy: environment.strategy,
    analysis: environment.analysis,
  }
}

export function bind(subject: {
  readonly release: ReleaseFacts
  readonly environment: EnvironmentSpec
  readonly deployment: Deployment
  readonly requester: Actor
  readonly intent: PromotionIntent
}): Binding {
  const { release, environment, deployment, requester, intent } = subject
  const parts: BoundParts = {
    manifest: release.manifestDigest,
    environment: digestOfJson(environment),
    plan: digestOfJson(planOf(release, environment, deployment)),
    evidence: release.evidenceDigest,
    requester,
    intent,
  }
  return { digest: digestOfJson(parts), parts }
}

const partNames: Readonly<Record<keyof BoundParts, string>> = {
  manifest: 'the release',
  environment: 'the environment declaration',
  plan: 'the plan (what serves now, or how traffic would move)',
  evidence: 'the gate evidence',
  requester: 'the requester',
  intent: 'the intent',
}

/** In words, the parts that differ. */
export function whatChanged(before: BoundParts, after: BoundParts): readonly string[] {
  return Object.entries(partNames)
    .filter(([part]) => before[part as keyof BoundParts] !== after[part as keyof BoundParts])
    .map(([, name]) => name)
}
