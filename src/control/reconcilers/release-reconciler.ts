// Releases: people block, unblock and yank them; one whose bytes no longer verify is quarantined.
import { type Deployment, deploymentKind } from '../../deliver/environments/deployment.ts'
import { decideRelease } from '../../release/decide-release.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { TrustedKey } from '../../release/signing.ts'
import type { Reconciler } from '../loop.ts'
import { recordDecision } from '../record.ts'
import { integrityOf, type WatchWorld } from './watch-world.ts'

export function releaseReconciler(
  world: WatchWorld,
  trustedKeys: readonly TrustedKey[],
): Reconciler {
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
        integrity: await integrityOf(world, release, trustedKeys),
      }
      await recordDecision(world.store, releaseKind, release, decideRelease(release, seen, now))
    },
  }
}
