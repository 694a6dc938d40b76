// What the delivery reconcilers share: the declared environments, the platform, the ledger, and how stored objects look to the deciders.
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { type Deployment, deploymentKind } from '../../deliver/environments/deployment.ts'
import { desiredServing } from '../../deliver/environments/desired-serving.ts'
import {
  deploymentKey,
  type ObservedServing,
  type Platform,
} from '../../deliver/platforms/platform.ts'
import type { ReleaseFacts } from '../../deliver/policy/blockers.ts'
import type { ArmCounts, RolloutEvidence } from '../../deliver/rollouts/rollout-evidence.ts'
import type { Clock } from '../../foundation/clock.ts'
import { coalesce } from '../../foundation/coalesce.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'
import type { EvidenceTotals } from '../../observe/ledger/evidence.ts'
import type { LedgerPort } from '../../observe/ledger/ledger-port.ts'
import { rolloutEvidence } from '../../observe/ledger/rollout-evidence.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import { isEnded, type Run, runKind } from '../runs/run.ts'

export interface DeliveryWorld {
  readonly store: ObjectStore
  readonly content: ContentStore
  readonly platform: Platform
  readonly ledger: LedgerPort
  /** The newest declaration that could be read. */
  readonly spec: () => ProjectSpec
  readonly clock: Clock
  readonly logger: Logger
}

export function environmentNamed(world: DeliveryWorld, name: string): EnvironmentSpec {
  const found = world.spec().environments.find((environment) => environment.name === name)
  if (found) return found
  throw new LockstepError({
    code: 'deliver.unknown_environment',
    kind: 'not_found',
    message: `there is no environment '${name}'; declared are ${world
      .spec()
      .environments.map((one) => one.name)
      .join(', ')}`,
  })
}

/**
 * Makes the world match every stored deployment: idempotent, so any pass may call it. Several loops do, at the same time; one
 * ensure at a time, each reading the deployments when it starts, so that an older state is never published after a newer one.
 */
export function ensureServing(world: DeliveryWorld): Promise<void> {
  let ensure = ensuring.get(world.platform)
  if (!ensure) {
    ensure = coalesce(async () => {
      const deployments: Deployment[] = await world.store.list(deploymentKind)
      await world.platform.ensure(desiredServing(deployments, world.spec().environments))
    })
    ensuring.set(world.platform, ensure)
  }
  return ensure()
}

/** One queue per platform, whichever world it is reached through. */
const ensuring = new WeakMap<Platform, () => Promise<void>>()

export interface SeenServing {
  readonly observedEpoch: number | null
  readonly replicas: ObservedServing['replicas']
}

export async function observeServing(
  world: DeliveryWorld,
  model: string,
  environment: string,
): Promise<SeenServing> {
  return seenOf(await world.platform.observe(), model, environment)
}

/** One environment's part of what the platform sees. */
export function seenOf(observed: ObservedServing, model: string, environment: string): SeenServing {
  return {
    observedEpoch: observed.epochs.get(deploymentKey(model, environment)) ?? null,
    replicas: observed.replicas.filter(
      (replica) => replica.model === model && replica.environment === environment,
    ),
  }
}

export async function releaseFacts(world: DeliveryWorld, releaseId: string): Promise<ReleaseFacts> {
  const release: Release = await world.store.get(releaseKind, releaseId)
  return {
    releaseId: release.id,
    number: release.number,
    phase: release.phase,
    because: 'objection' in release ? release.objection.because : null,
    manifestDigest: release.manifestDigest,
    evidenceDigest: evidenceOfRun(await world.store.find(runKind, release.runId)),
    undecided: release.clearance?.undecided ?? null,
    waivedBy: release.clearance?.waivedBy ?? [],
  }
}

/** What the gates rested on; an approval is bound to it. */
function evidenceOfRun(run: Run | undefined): string {
  return run && isEnded(run) ? (run.evidenceDigest ?? '') : ''
}

/** The ledger's rows of one rollout in the shape its decider reads. */
export async function evidenceOf(
  world: DeliveryWorld,
  rolloutId: string,
): Promise<RolloutEvidence> {
  const seen = rolloutEvidence(rolloutId, await world.ledger.rowsOf({ rolloutId }))
  return {
    segments: seen.segments.map(({ candidateBp, stable, candidate }) => ({
      candidateBp,
      stable: countsOf(stable),
      candidate: countsOf(candidate),
    })),
    mirror: countsOf(seen.mirror),
    firstCandidateErrorAt: seen.candidate.firstErrorAt,
    lastCandidateAnswerAt: seen.candidate.lastAnswerAt,
  }
}

/** To a client it is the same whether the model failed or nobody was there to answer. */
function countsOf({ requests, errors, unavailable, clientErrors }: EvidenceTotals): ArmCounts {
  return { requests, errors: errors + unavailable, rejected: clientErrors }
}
