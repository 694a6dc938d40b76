// The lineage of everything that was recorded: datasets, commits, runs, releases, environments and how they hang together.
import { type Deployment, deploymentKind } from '../../deliver/environments/deployment.ts'
import { type Rollout, rolloutKind } from '../../deliver/rollouts/rollout.ts'
import { toIso } from '../../foundation/clock.ts'
import { shortDigest } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { parseManifest, type ReleaseManifest } from '../../release/manifest.ts'
import { type Release, releaseKind, releaseName } from '../../release/release.ts'
import { isEnded, type Run, runKind } from '../runs/run.ts'
import type { Lineage, LineageEdge, LineageNode } from './lineage.ts'
import type { KeepingWorld } from './roots.ts'
import { type Serving, servingHistory } from './serving-history.ts'

export interface RecordedLineage extends Lineage {
  readonly servings: readonly Serving[]
  readonly releases: readonly Release[]
  readonly runs: readonly Run[]
  /** By release id; those whose record can be read. */
  readonly manifests: ReadonlyMap<string, ReleaseManifest>
}

const every = { limit: Number.MAX_SAFE_INTEGER }

export async function readLineage(world: KeepingWorld, model: string): Promise<RecordedLineage> {
  const { store } = world
  const filter = { ...every, model }
  const releases = (await store.list<Release>(releaseKind, filter)).reverse()
  const runs = (await store.list<Run>(runKind, filter)).reverse()
  const rollouts: Rollout[] = await store.list(rolloutKind, filter)
  const deployments: Deployment[] = await store.list(deploymentKind, filter)
  const manifests = await readManifests(world, releases)
  const servings = servingHistory(rollouts, deployments)
  const nodes = new Map<string, LineageNode>()
  const edges: LineageEdge[] = []
  const graph: Graph = { nodes, edges }
  for (const run of runs) addRun(graph, run)
  for (const release of releases) {
    const run = runs.find((one) => one.id === release.runId)
    addRelease(graph, release, { run, manifest: manifests.get(release.id) })
  }
  for (const run of runs) addUnchanged(graph, run, runs)
  for (const deployment of deployments) addEnvironment(graph, deployment)
  for (const serving of servings) addServing(graph, serving)
  return { nodes, edges, servings, releases, runs, manifests }
}

async function readManifests({ shelf }: KeepingWorld, releases: readonly Release[]) {
  const manifests = new Map<string, ReleaseManifest>()
  for (const { id, manifestDigest } of releases) {
    // A release that was dropped has left its objects; its place in the lineage stays.
    const text = await shelf.json(manifestDigest).catch(() => undefined)
    const manifest = text === undefined ? undefined : parseManifest(text)
    if (manifest && !isRefusal(manifest)) manifests.set(id, manifest)
  }
  return manifests
}

interface Graph {
  readonly nodes: Map<string, LineageNode>
  readonly edges: LineageEdge[]
}

function addRun(graph: Graph, run: Run): void {
  const id = `run:${run.number}`
  const ended = isEnded(run) ? `${run.phase} ${toIso(run.finishedAt)}` : run.phase
  graph.nodes.set(id, {
    ...{ id, kind: 'run', title: `run ${run.number}` },
    facts: [ended, `started by ${run.startedBy}: ${run.cause}`],
  })
  if (run.code?.commit) addCommit(graph, run.code.commit, { to: id, dirty: run.code.dirty })
}

function addCommit(
  { nodes, edges }: Graph,
  commit: string,
  { to, dirty }: { readonly to: string; readonly dirty: boolean },
): void {
  const id = `commit:${commit}`
  nodes.set(id, { id, kind: 'commit', title: `commit ${commit.slice(0, 12)}`, facts: [] })
  const [up, down] = dirty
    ? ['with uncommitted changes to', 'with uncommitted changes, was the code of']
    : ['with the code of', 'was the code of']
  edges.push({ from: id, to, up, down })
}

function addRelease(
  graph: Graph,
  release: Release,
  {
    run,
    manifest,
  }: { readonly run: Run | undefined; readonly manifest: ReleaseManifest | undefined },
): void {
  const id = `release:${release.number}`
  const { nodes, edges } = graph
  nodes.set(id, {
    ...{ id, kind: 'release', title: releaseName(release) },
    facts: [release.phase, `sealed ${toIso(release.createdAt)}`, shortDigest(release.digest)],
  })
  const source = run ? `run:${run.number}` : id
  if (run) edges.push({ from: source, to: id, up: 'made by', down: 'made' })
  for (const { name, version, rows } of manifest?.datasets ?? []) {
    const dataset = `data:${name}@${version}`
    const whole = `data:${name}`
    nodes.set(whole, { id: whole, kind: 'dataset', title: `dataset ${name}`, facts: [] })
    if (!nodes.has(dataset)) edges.push({ from: whole, to: dataset, up: 'of', down: 'as' })
    nodes.set(dataset, {
      ...{ id: dataset, kind: 'dataset' },
      title: `dataset ${name}, version ${shortDigest(version)}`,
      facts: [`${rows.toLocaleString('en-US')} rows`],
    })
    edges.push({ from: dataset, to: source, up: 'trained on', down: 'trained' })
  }
  // Of an imported release the run is unknown here, its commit is not.
  if (!run && manifest?.code.commit) {
    addCommit(graph, manifest.code.commit, { to: id, dirty: manifest.code.dirty })
  }
}

function addUnchanged({ edges }: Graph, run: Run, runs: readonly Run[]): void {
  const same = isEnded(run) ? runs.find((one) => one.id === run.sameAs) : undefined
  if (!same) return
  const [from, to] = [`run:${same.number}`, `run:${run.number}`]
  edges.push({ from, to, up: 'found nothing changed since', down: 'was found unchanged by' })
}

function addEnvironment({ nodes }: Graph, { environment, stable }: Deployment): void {
  const id = `environment:${environment}`
  const facts = [stable ? `serves release ${stable.number}` : 'serves nothing']
  nodes.set(id, { id, kind: 'environment', title: `environment ${environment}`, facts })
}

function addServing({ nodes, edges }: Graph, serving: Serving): void {
  const to = `environment:${serving.environment}`
  if (!nodes.has(to)) {
    const title = `environment ${serving.environment}`
    nodes.set(to, { id: to, kind: 'environment', title, facts: ['not declared any more'] })
  }
  const until = serving.until === null ? 'now' : toIso(serving.until)
  const when = `${serving.outcome} from ${toIso(serving.from)} until ${until}`
  edges.push({ from: `release:${serving.number}`, to, up: `${when}:`, down: `${when} in` })
}
