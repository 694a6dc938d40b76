// How many rows the datasets had when earlier releases of a model were made: what row counts are compared with.
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../../deliver/environments/deployment.ts'
import { lastEnvironment } from '../../../deliver/environments/environment-order.ts'
import { isRefusal } from '../../../foundation/refusal.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { parseManifest } from '../../../release/manifest.ts'
import { type Release, releaseKind } from '../../../release/release.ts'
import type { ChampionRows, PastRows } from '../../../verify/data/data-statistics.ts'
import type { RunWorld } from '../run-world.ts'

export interface DatasetHistory {
  /** The newest last. */
  readonly past: readonly PastRows[]
  readonly champion?: ChampionRows
}

type HistoryWorld = Pick<RunWorld, 'store' | 'content'>

/** Read once per run; of what cannot be read any more only the champion is missed. */
export async function readHistory(
  world: HistoryWorld,
  spec: ProjectSpec,
  releases: number,
): Promise<(dataset: string) => DatasetHistory> {
  const newest = await world.store.list<Release>(releaseKind, {
    model: spec.model.name,
    limit: releases,
  })
  const serving = await servingRelease(world, spec)
  const known = new Map<string, ReadonlyMap<string, number> | undefined>()
  for (const release of [...newest, ...(serving === undefined ? [] : [serving])]) {
    if (!known.has(release.id)) known.set(release.id, await rowsOf(world, release))
  }
  const ordered = newest.toSorted((a, b) => a.number - b.number)
  return (dataset) => {
    const at = (release: Release): PastRows[] => {
      const rows = known.get(release.id)?.get(dataset)
      return rows === undefined ? [] : [{ release: String(release.number), rows }]
    }
    const champion =
      serving && (at(serving)[0] ?? incomparable(serving, known.get(serving.id) !== undefined))
    return { past: ordered.flatMap(at), ...(champion === undefined ? {} : { champion }) }
  }
}

/** A dataset that is new has nothing to be compared with; a record that was lost must not look like that. */
function incomparable({ number }: Release, isReadable: boolean): ChampionRows {
  return isReadable
    ? {
        method: 'skipped',
        because: `the champion, release ${number}, was made without this dataset`,
      }
    : {
        method: 'unreadable',
        because: `release ${number} serves, and its manifest cannot be read: lockstep verify ${number} says what was lost`,
      }
}

export async function servingRelease(
  { store }: HistoryWorld,
  spec: ProjectSpec,
): Promise<Release | undefined> {
  const environment = lastEnvironment(spec.environments)
  if (!environment) return undefined
  const deployment: Deployment | undefined = await store.find(
    deploymentKind,
    deploymentId(spec.model.name, environment.name),
  )
  return deployment?.stable
    ? store.find<Release>(releaseKind, deployment.stable.releaseId)
    : undefined
}

async function rowsOf(
  { content }: HistoryWorld,
  release: Release,
): Promise<ReadonlyMap<string, number> | undefined> {
  const bytes = await content.read(release.manifestDigest).catch(() => null)
  const manifest = bytes === null ? null : parseManifest(bytes.toString('utf8'))
  if (manifest === null || isRefusal(manifest)) return undefined
  return new Map(manifest.datasets.map(({ name, rows }) => [name, rows]))
}
