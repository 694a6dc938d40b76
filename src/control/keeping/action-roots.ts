// Results of steps as roots: a recent one keeps its outputs, its log and the lists of its input files by its own right.
import type { StepKeyDocument } from '../../build/pipeline/step-key.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { Database } from '../../store/schema.ts'
import { type Link, link, type Root } from './link.ts'

export interface ActionQuestion {
  /** Recorded since then: recent. */
  readonly since: Instant
  readonly recently: string
  /** Key → the release or run that names it. */
  readonly namedBy: ReadonlyMap<string, string>
  readonly inUse: boolean
}

/** A row that goes when its objects go. */
export interface DroppedAction {
  readonly table: 'actions' | 'divergences'
  readonly id: string
  readonly root: Root
}

export interface ActionRoots {
  readonly kept: readonly Root[]
  readonly dropped: readonly DroppedAction[]
}

export async function actionRoots(db: Database, question: ActionQuestion): Promise<ActionRoots> {
  const kept: Root[] = []
  const dropped: DroppedAction[] = []
  const sort = (row: Pick<DroppedAction, 'table' | 'id'>, because: string | null, root: Root) => {
    if (because === null) dropped.push({ ...row, root })
    else kept.push({ ...root, because })
  }
  for (const row of await db.selectFrom('actions').selectAll().execute()) {
    const document = JSON.parse(row.document) as StepKeyDocument
    const links: Link[] = [
      ...outputLinks(row.step, row.outputs),
      ...logLinks(row.step, row.log_digest),
      ...inputLists(document),
    ]
    const because = reasonFor(row.key, row.recorded_at, question)
    sort({ table: 'actions', id: row.key }, because, actionRoot(row.step, row.key, links))
  }
  for (const row of await db.selectFrom('divergences').selectAll().execute()) {
    const links = outputLinks('another result', row.outputs)
    const because = reasonFor(row.key, row.seen_at, question)
    sort({ table: 'divergences', id: row.id }, because, actionRoot('a divergence', row.key, links))
  }
  return { kept, dropped }
}

function reasonFor(key: string, recordedAt: Instant, question: ActionQuestion): string | null {
  const { since, recently, namedBy, inUse } = question
  const name = namedBy.get(key)
  if (name) return `${name} was made from it`
  if (recordedAt > since) return recently
  return inUse ? 'work under way may use it' : null
}

function actionRoot(step: string, key: string, links: readonly Link[]): Root {
  const name = `the result ${key.slice(7, 19)} of ${step}`
  return { kind: 'action', name, because: 'it was dropped', links }
}

function outputLinks(step: string, text: string): Link[] {
  return (JSON.parse(text) as StepOutput[]).map((output) =>
    link(output.digest, output.kind, 'step output', `${output.path} of ${step}`),
  )
}

function logLinks(step: string, digest: string | null): Link[] {
  return digest === null ? [] : [link(digest as Digest, 'file', 'log', `the log of ${step}`)]
}

/** Only the lists: the files themselves are the project's, or outputs with results of their own. */
function inputLists({ inputs }: StepKeyDocument): Link[] {
  return inputs.flatMap((input) =>
    input.kind === 'file' ? [] : [link(input.digest, 'file', 'code', `the list of ${input.path}`)],
  )
}
