// What people rely on: releases, what environments serve, pins, runs, and results of steps that are recent or named by one of these.
// What is no root any more is told apart as well, so that a record goes together with its objects.
import { type Deployment, deploymentKind } from '../../deliver/environments/deployment.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { formatDuration } from '../../foundation/duration.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { parseManifest } from '../../release/manifest.ts'
import { type Release, releaseKind, releaseName } from '../../release/release.ts'
import type { ObjectStore } from '../../store/object-store.ts'
import type { AttestationRow, Database } from '../../store/schema.ts'
import { isEnded, type Run, runKind } from '../runs/run.ts'
import { actionRoots, type DroppedAction } from './action-roots.ts'
import { holdsObjects } from './hold-objects.ts'
import type { KeepingPolicy } from './keeping-policy.ts'
import { type Link, link, type Root } from './link.ts'
import { listPins, type Pin } from './pins.ts'
import type { Shelf } from './shelf.ts'

export interface KeepingWorld {
  readonly store: ObjectStore
  readonly db: Database
  readonly shelf: Shelf
}

export interface Roots {
  readonly kept: readonly Root[]
  /** Not kept any more by their own right; their objects may still be needed by others. */
  readonly dropped: readonly Root[]
  readonly droppedActions: readonly DroppedAction[]
  /** Language environments that kept releases were made in. */
  readonly runtimes: ReadonlySet<Digest>
  /** `run 7`: what may rely on stored objects without having said so yet; null when nothing does. */
  readonly underWay: string | null
}

/** `store.list` shows people the newest; here every one counts. */
const every = { limit: Number.MAX_SAFE_INTEGER }

export async function gatherRoots(
  world: KeepingWorld,
  policy: KeepingPolicy,
  now: Instant,
): Promise<Roots> {
  const { store, db, shelf } = world
  const releases: Release[] = await store.list(releaseKind, every)
  const deployments: Deployment[] = await store.list(deploymentKind, every)
  const runs: Run[] = await store.list(runKind, every)
  const attestations = await db.selectFrom('attestations').selectAll().execute()
  const pins = await listPins(store)
  const serving = servingReleases(deployments, releases)
  const servingIds = new Set(serving.map(({ release }) => release.id))
  const isDropped = (release: Release) =>
    !servingIds.has(release.id) && isForgotten(release, policy, now)
  const keptReleases = releases.filter((release) => !isDropped(release))
  const keptRuns = runs.filter((run, index) => isKeptRun(run, index, policy, now))
  const ofRelease = releaseRoots(attestations)
  const named = await namedBy(shelf, keptReleases)
  const runKeys = new Map(
    keptRuns.flatMap((run) =>
      run.steps.flatMap((step) => (step.key ? [[step.key, `run ${run.number}`] as const] : [])),
    ),
  )
  const underWay = executingRun(runs) ?? (await holdsObjects(db, now))
  const actions = await actionRoots(db, {
    since: now - policy.recentMs,
    recently: `it is younger than ${formatDuration(policy.recentMs)}`,
    namedBy: new Map([...runKeys, ...named.results]),
    // A run under way may take up any known result.
    inUse: underWay !== null,
  })
  const keptRunIds = new Set(keptRuns.map((run) => run.id))
  return {
    kept: [
      ...serving.map(({ release, root }) => ({ ...root, links: ofRelease(release, '').links })),
      ...pins.map(pinRoot),
      ...keptReleases.map((release) => ofRelease(release, 'every release is kept')),
      ...keptRuns.map(runRoot),
      ...actions.kept,
    ],
    dropped: [
      ...releases.filter(isDropped).map((release) => ofRelease(release, 'it was dropped')),
      ...runs.filter((run) => !keptRunIds.has(run.id)).map(runRoot),
      ...actions.dropped.map((one) => one.root),
    ],
    droppedActions: actions.dropped,
    runtimes: named.runtimes,
    underWay,
  }
}

function isForgotten(release: Release, { archivedMs }: KeepingPolicy, now: Instant): boolean {
  if (archivedMs === null) return false
  const isOver = release.phase === 'archived' || release.phase === 'yanked'
  return isOver && release.updatedAt <= now - archivedMs
}

/** Newest first: the first so many, the young ones, and those under way. */
function isKeptRun(run: Run, index: number, policy: KeepingPolicy, now: Instant): boolean {
  return !isEnded(run) || index < policy.recentRuns || run.finishedAt > now - policy.recentMs
}

function servingReleases(deployments: readonly Deployment[], releases: readonly Release[]) {
  return deployments.flatMap((deployment) => {
    const { environment, stable, previous, candidate, leaving } = deployment
    const parts = [
      ['serves', stable],
      ['served before', previous],
      ['tries', candidate],
      ...leaving.map((one) => ['has just served', one] as const),
    ] as const
    return parts.flatMap(([verb, ref]) => {
      const release = releases.find((one) => one.id === ref?.releaseId)
      if (!release) return []
      const root: Root = {
        kind: 'environment',
        name: `environment ${environment}`,
        because: `it ${verb} ${releaseName(release)}`,
        links: [],
      }
      return [{ release, root }]
    })
  })
}

function releaseRoots(attestations: readonly AttestationRow[]) {
  const byRelease = Map.groupBy(attestations, (row) => row.release_digest)
  return (release: Release, because: string): Root => ({
    kind: 'release',
    name: releaseName(release),
    because,
    links: [
      link(release.manifestDigest, 'manifest', 'release', 'its manifest'),
      link(release.envelopeDigest, 'document', 'release', 'its signature'),
      link(release.modelDigest, 'file', 'release', 'its model'),
      ...(release.profileDigest
        ? [link(release.profileDigest, 'file', 'release', 'its monitoring baseline')]
        : []),
      ...(byRelease.get(release.digest) ?? []).map((row) =>
        link(row.digest as Digest, 'unknown', 'release', `its attestation '${row.kind}'`),
      ),
    ],
  })
}

/** Which results the kept releases were made from, and in which environments. A release without a readable record stops the collection later, in the walk. */
async function namedBy(shelf: Shelf, releases: readonly Release[]) {
  const results = new Map<string, string>()
  const runtimes = new Set<Digest>()
  for (const release of releases) {
    const text = await shelf.json(release.manifestDigest).catch(() => undefined)
    const manifest = text === undefined ? undefined : parseManifest(text)
    if (manifest === undefined || isRefusal(manifest)) continue
    for (const { key } of manifest.pipeline.steps) results.set(key, releaseName(release))
    for (const { digest } of manifest.environment.runtimes) runtimes.add(digest)
  }
  return { results, runtimes }
}

function pinRoot({ digest, because, by }: Pin): Root {
  return {
    kind: 'pin',
    name: `a pin by ${by}`,
    because,
    links: [link(digest, 'unknown', 'object', 'the pinned object')],
  }
}

function runRoot(run: Run): Root {
  const logs = run.steps.flatMap((step): Link[] =>
    step.logDigest ? [link(step.logDigest, 'file', 'log', `the log of step ${step.name}`)] : [],
  )
  const evidence = isEnded(run) ? run.evidenceDigest : null
  return {
    kind: 'run',
    name: `run ${run.number}`,
    because: isEnded(run) ? 'it is recent' : 'it is under way',
    links: [
      ...logs,
      ...(evidence ? [link(evidence, 'document', 'evidence', 'the evidence of its gates')] : []),
    ],
  }
}

/** A run that waits relies on nothing yet: when it goes on, its event makes every marking before it untrue. */
const executing: readonly Run['phase'][] = ['resolving', 'running', 'gating']

function executingRun(runs: readonly Run[]): string | null {
  const run = runs.find((one) => executing.includes(one.phase))
  return run ? `run ${run.number}` : null
}

/** `run 7`, `the push of release 3`; null when nothing may rely on more than is recorded. */
export async function workUnderWay(
  { store, db }: KeepingWorld,
  now: Instant,
): Promise<string | null> {
  return executingRun(await store.list(runKind, every)) ?? holdsObjects(db, now)
}
