// Tracing: what a dataset, commit, run, release, environment or object was made from, what was made from it, and where that served.
import { type Digest, isDigest, shortDigest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { findObject } from './find-object.ts'
import { branches, descendants, type LineageBranch, type LineageNode } from './lineage.ts'
import { objectLineage } from './object-lineage.ts'
import { type RecordedLineage, readLineage } from './read-lineage.ts'
import type { KeepingWorld } from './roots.ts'
import type { Serving } from './serving-history.ts'

export interface TraceQuestion {
  readonly subject: string
  readonly direction: 'up' | 'down' | undefined
  readonly model: string
  readonly projectDir: string
}

export interface Trace {
  readonly subject: LineageNode
  readonly up: readonly LineageBranch[] | null
  readonly down: readonly LineageBranch[] | null
  readonly served: readonly (Serving & { readonly alias: string })[]
}

export async function trace(world: KeepingWorld, question: TraceQuestion): Promise<Trace> {
  const { subject: text, direction, model, projectDir } = question
  const recorded = await readLineage(world, model)
  const id = findNode(recorded, text) ?? (await findObject(world, text, projectDir)).digest
  const lineage = isDigest(id)
    ? await objectLineage(world, recorded, { digest: id, text })
    : recorded
  const node = lineage.nodes.get(idOfDigest(recorded, id) ?? id)
  if (!node) throw unknownSubject(recorded, text)
  const made = descendants(lineage, node.id)
  const isServed = ({ number, environment }: Serving) =>
    made.has(`release:${number}`) || node.id === `environment:${environment}`
  return {
    subject: node,
    up: direction === 'down' ? null : branches(lineage, node.id, 'up'),
    down: direction === 'up' ? null : branches(lineage, node.id, 'down'),
    served: recorded.servings.filter(isServed).map((serving) => ({
      ...serving,
      alias: recorded.releases.find((one) => one.id === serving.releaseId)?.alias ?? '',
    })),
  }
}

/** `data:survey`, `data:survey@3f2a`, `commit:abc123`, `run:4`, `release:3`, `environment:production`; undefined for anything else. */
function findNode({ nodes, releases, runs }: RecordedLineage, text: string): string | undefined {
  const known = /^(data|dataset|commit|run|release|environment)[: ](.+)$/.exec(text)
  if (!known) return nodes.has(`environment:${text}`) ? `environment:${text}` : undefined
  const [, word, name = ''] = known
  const kind = word === 'dataset' ? 'data' : word
  const exact = `${kind}:${name}`
  if (nodes.has(exact)) return exact
  const release = releases.find((one) => one.alias === name || one.id === name)
  if (kind === 'release' && release) return `release:${release.number}`
  const run = runs.find((one) => one.id === name)
  if (kind === 'run' && run) return `run:${run.number}`
  const beginning = kind === 'data' ? exact.replace(/@(sha256:)?/, '@sha256:') : exact
  const mayBegin = kind === 'commit' || (kind === 'data' && exact.includes('@'))
  const found = mayBegin ? [...nodes.keys()].filter((one) => one.startsWith(beginning)) : []
  return found.length === 1 ? found[0] : missing(nodes, text)
}

/** A digest may be a release's own, or a dataset version's. */
function idOfDigest({ nodes, releases }: RecordedLineage, id: string): string | undefined {
  const release = releases.find((one) => one.digest === id)
  if (release) return `release:${release.number}`
  return [...nodes.keys()].find((one) => one.endsWith(`@${id}`))
}

function missing(nodes: RecordedLineage['nodes'], text: string): never {
  throw unknownSubject({ nodes }, text)
}

function unknownSubject({ nodes }: Pick<RecordedLineage, 'nodes'>, text: string): LockstepError {
  const kind = text.split(/[: ]/)[0] ?? ''
  const known = [...nodes.keys()].filter((one) => one.startsWith(`${kind}:`)).slice(-10)
  return new LockstepError({
    code: 'trace.unknown_subject',
    kind: 'not_found',
    message: `nothing is recorded about '${text}'${known.length > 0 ? `; known: ${known.map(shortened).join(', ')}` : ''}`,
    hint: 'trace data:NAME, commit:SHA, run:4, release:3, environment:NAME, sha256:… or a path',
  })
}

function shortened(id: string): string {
  return id.replace(/sha256:[0-9a-f]{64}/, (digest) => shortDigest(digest as Digest))
}
