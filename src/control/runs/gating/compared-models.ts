// The releases a candidate is compared with: what serves now, and the one that is pinned against slow decay.
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../../deliver/environments/deployment.ts'
import { lastEnvironment } from '../../../deliver/environments/environment-order.ts'
import type { Digest } from '../../../foundation/digest.ts'
import { isRefusal } from '../../../foundation/refusal.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { parseManifest } from '../../../release/manifest.ts'
import { type Release, releaseKind } from '../../../release/release.ts'
import type { ReleaseFile } from '../evaluation/evaluation-request.ts'
import { isEnded, type Run, runKind } from '../run.ts'
import type { RunWorld } from '../run-world.ts'

/** What the last environment of the chain serves now; null before anything does. */
export async function championOf(
  world: RunWorld,
  spec: ProjectSpec,
): Promise<(ReleaseFile & { readonly releaseId: string }) | null> {
  const release = await championRelease(world, spec)
  if (release === null) return null
  const digest = release.modelDigest
  const file = { modelPath: world.content.pathOf(digest), digest, sizeBytes: 0 }
  return { ...file, release: String(release.number), releaseId: release.id }
}

/** The commit that the serving release was made from; null without one, or when its record cannot be read. */
export async function championCommit(
  world: Pick<RunWorld, 'store' | 'content'>,
  spec: ProjectSpec,
): Promise<string | null> {
  const release = await championRelease(world, spec)
  const bytes = release && (await world.content.read(release.manifestDigest).catch(() => null))
  const manifest = bytes && parseManifest(bytes.toString('utf8'))
  return manifest === null || isRefusal(manifest) ? null : manifest.code.commit
}

async function championRelease(
  { store }: Pick<RunWorld, 'store'>,
  { environments, model }: ProjectSpec,
): Promise<Release | null> {
  const environment = lastEnvironment(environments)
  if (!environment) return null
  const deployment: Deployment | undefined = await store.find(
    deploymentKind,
    deploymentId(model.name, environment.name),
  )
  return deployment?.stable ? store.get(releaseKind, deployment.stable.releaseId) : null
}

/** The release that evaluate.anchor names by its number, or why there is none to compare with. */
export async function anchorOf(
  { store, content }: RunWorld,
  { evaluate, model }: ProjectSpec,
): Promise<ReleaseFile | string | null> {
  const { anchor } = evaluate
  if (anchor === null) return null
  const releases: Release[] = await store.list(releaseKind)
  const own = releases.filter((one) => one.model === model.name)
  const found = own.find(({ number }) => number === anchor)
  if (found === undefined) {
    const known = own.map(({ number }) => number).sort((a, b) => a - b)
    const newest = known.length === 0 ? 'there are none yet' : `there are ${known.join(', ')}`
    return `${model.name} has no release ${anchor} (${newest})`
  }
  if (found.phase === 'quarantined')
    return `release ${anchor} is quarantined: ${found.objection.because}`
  if (!(await content.has(found.modelDigest)))
    return `the model of release ${anchor} is no longer in the store`
  const digest = found.modelDigest
  return { modelPath: content.pathOf(digest), digest, sizeBytes: 0, release: String(anchor) }
}

/** Every look at the same holdout makes a lucky pass more likely, so looks are counted over all runs. */
export async function attemptOn(world: RunWorld, holdout: Digest): Promise<number> {
  const runs: Run[] = await world.store.list(runKind)
  const earlier = runs.filter((run) => isEnded(run) && run.holdoutDigest === holdout)
  return earlier.length + 1
}
