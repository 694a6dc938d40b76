// One object in the lineage: the steps that made it, the steps that read it, the releases that name it.
import type { StepKeyDocument } from '../../build/pipeline/step-key.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import { type Digest, shortDigest } from '../../foundation/digest.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import type { Lineage, LineageEdge, LineageNode } from './lineage.ts'
import type { RecordedLineage } from './read-lineage.ts'
import type { KeepingWorld } from './roots.ts'
import type { Shelf } from './shelf.ts'

export async function objectLineage(
  world: KeepingWorld,
  recorded: RecordedLineage,
  { digest, text }: { readonly digest: Digest; readonly text: string },
): Promise<Lineage> {
  const paths = new Set<string>()
  const edges: LineageEdge[] = []
  for (const row of await world.db.selectFrom('actions').selectAll().execute()) {
    const document = JSON.parse(row.document) as StepKeyDocument
    const read = await pathAmong(world.shelf, document.inputs, digest)
    const made = await pathAmong(world.shelf, JSON.parse(row.outputs) as StepOutput[], digest)
    for (const path of [read, made]) if (path !== undefined) paths.add(path)
    if (read === undefined && made === undefined) continue
    for (const run of recorded.runs) {
      if (!run.steps.some((step) => step.key === row.key)) continue
      const id = `run:${run.number}`
      if (read !== undefined) edges.push(edge(digest, id, 'read', `was read by ${row.step} in`))
      if (made !== undefined) edges.push(edge(id, digest, `made by ${row.step} in`, 'made'))
    }
  }
  for (const release of recorded.releases) {
    const manifest = recorded.manifests.get(release.id)
    const role = manifest && roleIn(manifest, digest)
    if (role)
      edges.push(edge(digest, `release:${release.number}`, `names as ${role}`, `is ${role} of`))
  }
  const node: LineageNode = {
    ...{ id: digest, kind: 'object', title: [...paths].join(', ') || text },
    facts: [shortDigest(digest), (await world.shelf.has(digest)) ? 'stored' : 'not stored here'],
  }
  return {
    nodes: new Map([...recorded.nodes, [digest, node]]),
    edges: [...recorded.edges, ...edges],
  }
}

function edge(from: string, to: string, up: string, down: string): LineageEdge {
  return { from, to, up, down }
}

/** Its path when it is one of these, or lies in one of their folders. */
async function pathAmong(
  shelf: Shelf,
  named: readonly { readonly path: string; readonly kind: string; readonly digest: Digest }[],
  digest: Digest,
): Promise<string | undefined> {
  for (const one of named) {
    if (one.digest === digest) return one.path
    if (one.kind === 'file') continue
    const entries = (await shelf.tree(one.digest).catch(() => undefined)) ?? []
    const entry = entries.find((file) => file.digest === digest)
    // The list behind a glob has whole paths, the list behind a folder those within it.
    if (entry) return one.kind === 'glob' ? entry.path : `${one.path}/${entry.path}`
  }
  return undefined
}

function roleIn(manifest: ReleaseManifest, digest: Digest): string | null {
  if (manifest.artifact.digest === digest) return 'the model'
  if (manifest.code.tree === digest) return 'the code'
  if (manifest.gates.evidence === digest) return 'the evidence'
  if (manifest.referenceProfile === digest) return 'the monitoring baseline'
  if (manifest.environment.runtimes.some((one) => one.lock === digest)) return 'a lock file'
  const outputs = manifest.pipeline.steps.flatMap((step) => step.outputs)
  const output = outputs.find((one) => one.digest === digest)
  return output ? `the output ${output.path}` : null
}
