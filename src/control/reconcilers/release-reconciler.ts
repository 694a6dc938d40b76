// Releases: people block, unblock and yank them; one whose bytes no longer verify is quarantined.
import { type Deployment, deploymentKind } from '../../deliver/environments/deployment.ts'
import { rolloutKind } from '../../deliver/rollouts/rollout.ts'
import { decideRelease } from '../../release/decide-release.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { Reconciler } from '../loop.ts'
import { recordDecision } from '../record.ts'
import type { TrustSource } from '../trust-source.ts'
import { integrityOf, type WatchWorld } from './watch-world.ts'

export function releaseReconciler(world: WatchWorld, trust: TrustSource): Reconciler {
  return {
    kindName: releaseKind.name,
    async reconcile(id, now) {
      const release: Release = await world.store.get(releaseKind, id)
      const deployments: Deployment[] = await world.store.list(deploymentKind, {
        model: release.model,
      })
      const seen = {
        intents: await world.store.openIntents(releaseKind.name, id),
        servingIn: deployments
          .filter(
            (deployment) =>
              deployment.stable?.releaseId === id || deployment.candidate?.releaseId === id,
          )
          .map((deployment) => deployment.environment),
        integrity: await integrityOf(world, release, await trust.of(release)),
      }
      const decision = decideRelease(release, seen, now)
      await recordDecision(world.store, releaseKind, release, decision)
      if (decision.next.phase === 'quarantined' && seen.integrity)
        await takeBack(world, deployments, { id, because: seen.integrity.because })
    },
  }
}

/** A candidate under quarantine gets no further; what serves stays until a person decides. */
async function takeBack(
  { store }: WatchWorld,
  deployments: readonly Deployment[],
  release: { readonly id: string; readonly because: string },
): Promise<void> {
  for (const { candidate, rolloutId } of deployments) {
    if (candidate?.releaseId !== release.id || rolloutId === null) continue
    await store.writeIntent({
      ...{ kind: rolloutKind.name, objectId: rolloutId, command: 'abort', actor: 'system:loop' },
      reason: release.because,
      idempotencyKey: `quarantine:${release.id}:${rolloutId}`,
    })
  }
}
