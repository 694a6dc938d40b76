// Looking into releases: differences, cards, rebuilding, as one caller sees it.
import { holdingObjects } from '../../control/keeping/hold-objects.ts'
import { rebuildRelease } from '../../control/rebuild/rebuild-release.ts'
import { manifestOf } from '../../control/reconcilers/watch-world.ts'
import { isReproduced } from '../../release/rebuild/decide-level.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { RebuildInput, RebuildView, ReleaseApi } from '../contract/release-routes.ts'
import type { Listener } from '../contract/route.ts'
import type { ReleaseRefView } from '../contract/views.ts'
import { byIdOrNumber } from '../queries.ts'
import { cardText } from './release-card.ts'
import { diffReleases } from './release-diff.ts'

export function createReleaseApi(world: ApiWorld, _actor: Actor): ReleaseApi {
  return {
    async releaseCard(id, { format }) {
      const release: Release = await byIdOrNumber(world, releaseKind, id)
      return { ...refOf(release), format, text: await cardText(world, release, format) }
    },
    releaseDiff: (input) => diffReleases(world, input),
    rebuildRelease: (id, input, listener) =>
      holdingObjects(world, `the rebuild of release ${id}`, () =>
        rebuild(world, id, input, listener),
      ),
  }
}

const defaultTolerance = 0.005

async function rebuild(
  world: ApiWorld,
  id: string,
  { times = 1, tolerance = defaultTolerance, keep = false }: RebuildInput,
  listener: Listener,
): Promise<RebuildView> {
  const release: Release = await byIdOrNumber(world, releaseKind, id)
  const manifest = await manifestOf(world, release.id)
  const request = { release, manifest, times, tolerance, keep }
  const { report, attestation, place } = await rebuildRelease(world.runWorld(), request, {
    told: (progress) => listener.told({ ...progress, unit: 'steps' }),
    signal: listener.signal,
  })
  const { level, because, outputs, reasons, equivalence, tookMs, finishedAt } = report
  return {
    release: refOf(release),
    ...{ level, reproduced: isReproduced(level), because, times },
    ...{ outputs, reasons, equivalence, tookMs, finishedAt, attestation, place },
  }
}

export function refOf({ id, number, alias }: Release): ReleaseRefView {
  return { id, number, alias }
}
