// Samples for the tests of delivery: one declared environment, one release, and a world small enough to hold in a sentence.
import type { EnvironmentSpec } from '../project/environment-spec.ts'
import type { Actor, Change, Draft, Intent, StoredObject } from '../store/object.ts'
import { createDeployment, type Deployment } from './environments/deployment.ts'
import type { ReleaseFacts } from './policy/blockers.ts'

/** Noon, so that subtracting hours stays on the same day. */
export const noon = Date.UTC(2026, 0, 15, 12)

export const production: EnvironmentSpec = {
  name: 'production',
  port: 8080,
  replicas: 2,
  after: null,
  soakMs: 0,
  delivery: 'manual',
  approval: null,
  freezes: [],
  strategy: {
    kind: 'canary',
    shadow: null,
    steps: [
      { shareBp: 1000, holdMs: 5000 },
      { shareBp: 5000, holdMs: 5000 },
    ],
    bakeMs: 10_000,
  },
  analysis: {
    alpha: 0.05,
    harmRatio: 1,
    maxErrorRate: 0.05,
    minRequests: 100,
    deadlineMs: 60_000,
    onInsufficient: 'pause',
  },
  promotionTtlMs: 7 * 86_400_000,
}

export function sampleRelease(number: number, changes: Partial<ReleaseFacts> = {}): ReleaseFacts {
  return {
    releaseId: `release_${number}`,
    number,
    phase: 'sealed',
    because: null,
    manifestDigest: `sha256:${'0'.repeat(63)}${number % 10}`,
    evidenceDigest: `sha256:${'e'.repeat(63)}${number % 10}`,
    undecided: null,
    waivedBy: [],
    ...changes,
  }
}

/** As the store would hand it back. */
export function asStored<T extends StoredObject>(draft: Draft<T>, revision = 1): T {
  return { ...draft, revision, createdAt: noon, updatedAt: noon } as unknown as T
}

export function created<T extends StoredObject>(change: Change<T>): T {
  return asStored<T>(change.object)
}

export function sampleDeployment(changes: Partial<Deployment> = {}): Deployment {
  const empty = created(createDeployment('income', 'production'))
  return { ...empty, ...changes } as Deployment
}

/** Production serving this release, with the one before kept warm. */
export function serving(number: number, changes: Partial<Deployment> = {}): Deployment {
  return sampleDeployment({
    phase: 'serving',
    stable: { releaseId: `release_${number}`, number },
    previous: number > 1 ? { releaseId: `release_${number - 1}`, number: number - 1 } : null,
    epoch: 7,
    ...changes,
  } as Partial<Deployment>)
}

let commands = 0

export function command(
  name: string,
  by: Actor = 'person:olga',
  more: { readonly reason?: string; readonly payload?: Intent['payload'] } = {},
): Intent {
  commands += 1
  return {
    id: `intent_${commands}`,
    kind: 'any',
    objectId: 'any',
    command: name,
    actor: by,
    reason: more.reason ?? null,
    payload: more.payload ?? {},
    writtenAt: noon,
  }
}
