// Two releases side by side, only where they differ: from their manifests, their files, git, their lock files and their predictions.
import {
  type LockedPackage,
  packagesOfPackageLock,
  packagesOfRequirements,
} from '../../control/interop/lock-files.ts'
import { manifestOf, servingRelease } from '../../control/reconcilers/watch-world.ts'
import { readCommitRange } from '../../control/runs/git-range.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { compareMetrics, type ScoredRelease } from '../../release/card/compare-metrics.ts'
import { decodePredictions } from '../../release/card/predictions.ts'
import { diffManifests } from '../../release/diff.ts'
import type { ManifestRuntime, ReleaseManifest } from '../../release/manifest.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { ApiWorld } from '../api-world.ts'
import type {
  DiffInput,
  FileChangesView,
  PackageChangeView,
  ReleaseDiffView,
} from '../contract/release-routes.ts'
import { byIdOrNumber } from '../queries.ts'
import { factsOf } from './release-card.ts'

export async function diffReleases(
  world: ApiWorld,
  { before, after }: DiffInput,
): Promise<ReleaseDiffView> {
  const [old, now] = [await releaseMeant(world, before), await releaseMeant(world, after)]
  const [was, is] = [await manifestOf(world, old.id), await manifestOf(world, now.id)]
  const parts = grouped(diffManifests(was, is))
  const [commits, files, packages, scored] = await Promise.all([
    commitsBetween(world, was, is),
    filesBetween(world, was, is),
    packagesBetween(world, was, is),
    Promise.all([scoredRelease(world, was), scoredRelease(world, is)]),
  ])
  const [one, two] = scored
  const { metrics, comparison } =
    was.artifact.digest === is.artifact.digest && was.gates.definition === is.gates.definition
      ? { metrics: [], comparison: 'the models are equal byte for byte' }
      : one && two
        ? compareMetrics(one, two)
        : { metrics: [], comparison: 'one of the two releases has no recorded performance' }
  return {
    before: { id: old.id, number: old.number, alias: old.alias },
    after: { id: now.id, number: now.number, alias: now.alias },
    same: parts.length === 0,
    parts,
    commits,
    files,
    packages,
    metrics: metrics.filter((metric) => metric.verdict !== 'equal'),
    comparison,
  }
}

/** A number, an id, or an environment: what serves there. */
async function releaseMeant(world: ApiWorld, text: string): Promise<Release> {
  if (!world.spec().environments.some((one) => one.name === text)) {
    return byIdOrNumber(world, releaseKind, text)
  }
  const id = await servingRelease(world, text)
  if (id !== null) return world.store.get(releaseKind, id)
  throw new LockstepError({
    code: 'api.nothing_serves',
    kind: 'not_found',
    message: `nothing serves in ${text} yet, so there is no release to compare`,
    hint: 'name a release by its number: lockstep releases',
  })
}

function grouped(differences: ReturnType<typeof diffManifests>): ReleaseDiffView['parts'] {
  const parts = [...new Set(differences.map(({ part }) => part))]
  return parts.map((part) => ({
    part,
    sentences: differences.filter((one) => one.part === part).map(({ sentence }) => sentence),
  }))
}

async function commitsBetween(world: ApiWorld, was: ReleaseManifest, is: ReleaseManifest) {
  const [from, to] = [was.code.commit, is.code.commit]
  if (from === null || to === null || from === to) return null
  return readCommitRange(world.about.projectDir, from, to)
}

async function filesBetween(
  world: ApiWorld,
  was: ReleaseManifest,
  is: ReleaseManifest,
): Promise<FileChangesView | null> {
  const [from, to] = [was.code.tree, is.code.tree]
  if (from === null || to === null || from === to) return null
  const read = (tree: Digest) => world.content.readTree(tree).catch(() => null)
  const [before, after] = [await read(from), await read(to)]
  if (!before || !after) return null
  const old = new Map(before.map((entry) => [entry.path, entry]))
  const now = new Map(after.map((entry) => [entry.path, entry]))
  return {
    added: after.map(({ path }) => path).filter((path) => !old.has(path)),
    removed: before.map(({ path }) => path).filter((path) => !now.has(path)),
    changed: after
      .filter(({ path, digest, mode }) => {
        const known = old.get(path)
        return known !== undefined && (known.digest !== digest || known.mode !== mode)
      })
      .map(({ path }) => path),
  }
}

async function packagesBetween(
  world: ApiWorld,
  was: ReleaseManifest,
  is: ReleaseManifest,
): Promise<PackageChangeView[]> {
  const places = new Set(
    [...was.environment.runtimes, ...is.environment.runtimes].map(({ lockPath }) => lockPath),
  )
  const changes: PackageChangeView[] = []
  for (const place of places) {
    const runtime = ({ environment }: ReleaseManifest) =>
      environment.runtimes.find(({ lockPath }) => lockPath === place)
    const [one, two] = [runtime(was), runtime(is)]
    if (one?.lock === two?.lock) continue
    changes.push(
      ...packageChanges(place, await packagesOf(world, one), await packagesOf(world, two)),
    )
  }
  return changes
}

async function packagesOf(
  world: ApiWorld,
  runtime: ManifestRuntime | undefined,
): Promise<readonly LockedPackage[]> {
  if (!runtime) return []
  const bytes = await world.content.read(runtime.lock).catch(() => null)
  if (bytes === null) return []
  const text = bytes.toString('utf8')
  return runtime.kind === 'python' ? packagesOfRequirements(text) : packagesOfPackageLock(text)
}

function packageChanges(
  runtime: string,
  before: readonly LockedPackage[],
  after: readonly LockedPackage[],
): PackageChangeView[] {
  const old = new Map(before.map(({ name, version }) => [name, version]))
  const now = new Map(after.map(({ name, version }) => [name, version]))
  return [...new Set([...old.keys(), ...now.keys()])]
    .sort()
    .filter((name) => old.get(name) !== now.get(name))
    .map((name) => ({
      runtime,
      name,
      before: old.get(name) ?? null,
      after: now.get(name) ?? null,
    }))
}

async function scoredRelease(
  world: ApiWorld,
  manifest: ReleaseManifest,
): Promise<ScoredRelease | null> {
  const facts = await factsOf(world, manifest)
  if (!facts) return null
  if (!facts.predictions) return { facts, predictions: null }
  const bytes = await world.content.read(facts.predictions.digest).catch(() => null)
  const decoded = bytes && decodePredictions(bytes)
  return { facts, predictions: decoded && !isRefusal(decoded) ? decoded : null }
}
