// Decides for one step, its upstream outputs being known: is its result known already, and if not, why not.

import { toIso } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { TreeEntry } from '../artifacts/artifact.ts'
import type { ActionRecord } from './action-cache.ts'
import type { KnownTrees } from './explain-keys.ts'
import { explainKeys } from './explain-keys.ts'
import type { Parameter } from './parameters.ts'
import { pickParameters } from './parameters.ts'
import type { PreparedPipeline } from './pipeline-request.ts'
import { invalidPipeline, isForced } from './pipeline-request.ts'
import type { StepInputs } from './step-inputs.ts'
import { gatherInputs } from './step-inputs.ts'
import type { KeyInput, StepKeyDocument } from './step-key.ts'
import { keyDocument, stepKey } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

interface Keyed {
  readonly key: Digest
  readonly document: StepKeyDocument
  /** Sentence for people. */
  readonly because: string
}

export interface KnownResult extends Keyed {
  readonly decision: 'hit'
  readonly record: ActionRecord
}

export interface NeededRun extends Keyed {
  readonly decision: 'run'
  /** One sentence per difference from the step's newest record; empty when there is none. */
  readonly changes: readonly string[]
  readonly inputs: StepInputs
  readonly parameters: readonly Parameter[]
}

export type Judgement = KnownResult | NeededRun

export async function judgeStep(
  prepared: PreparedPipeline,
  step: StepSpec,
  upstream: readonly StepOutput[],
): Promise<Judgement> {
  const { request, snapshot } = prepared
  const parameters = pickParameters(step.params, request.params)
  if (isRefusal(parameters)) throw invalidPipeline([parameters])
  const treeEntries = await entriesOf(prepared, upstream)
  const inputs = gatherInputs({ step, snapshot, upstream, treeEntries })
  if (isRefusal(inputs)) throw invalidPipeline([inputs])

  const { lockstepVersion, machineEnvironment, actions, store } = request
  const document = keyDocument({
    ...{ step, inputs: inputs.inputs, parameters, machineEnvironment, lockstepVersion },
    runtime: prepared.runtimes.get(step.name) ?? null,
  })
  const key = stepKey(document)
  const run = (because: string, changes: readonly string[] = []): NeededRun => ({
    ...{ decision: 'run', key, document, because, changes, inputs, parameters },
  })
  const known = prepared.known?.get(key)
  const record = known?.record ?? (await actions.find(key))
  if (record === undefined) {
    const changes = await changesSince(await actions.latestFor(step.name), {
      document,
      inputs,
      store,
    })
    return run(changes.length === 0 ? 'it has not run before' : summary(changes), changes)
  }
  if (isForced(request, step.name)) return run('it was forced')
  const incomplete = known === undefined ? await incompleteOf(record, store) : known.incomplete
  if (incomplete !== undefined)
    return run(`its known output ${incomplete} is no longer complete in the content store`)
  const because = `nothing changed since ${toIso(record.recordedAt)}`
  return { decision: 'hit', key, document, because, record }
}

/** The first output that the store no longer has in full. */
export async function incompleteOf(
  record: ActionRecord,
  store: PreparedPipeline['request']['store'],
): Promise<string | undefined> {
  for (const output of record.outputs) if (!(await store.holds(output))) return output.path
  return undefined
}

async function entriesOf(
  prepared: PreparedPipeline,
  outputs: readonly StepOutput[],
): Promise<ReadonlyMap<Digest, readonly TreeEntry[]>> {
  const entries = new Map<Digest, readonly TreeEntry[]>()
  for (const { kind, digest } of outputs) {
    if (kind === 'tree' && !entries.has(digest)) {
      entries.set(digest, await prepared.request.store.readTree(digest))
    }
  }
  return entries
}

async function changesSince(
  latest: ActionRecord | undefined,
  now: {
    readonly document: StepKeyDocument
    readonly inputs: StepInputs
    readonly store: PreparedPipeline['request']['store']
  },
): Promise<string[]> {
  if (latest === undefined) return []
  const trees = new Map<Digest, readonly TreeEntry[]>()
  for (const [input, entries] of now.inputs.trees()) trees.set(input.digest, entries)
  for (const input of latest.document.inputs) {
    if (isFile(input) || trees.has(input.digest)) continue
    const entries = await now.store.readTree(input.digest).catch(() => undefined)
    if (entries !== undefined) trees.set(input.digest, entries)
  }
  return explainKeys(latest.document, now.document, trees satisfies KnownTrees)
}

function isFile(input: KeyInput): boolean {
  return input.kind === 'file'
}

function summary(changes: readonly string[]): string {
  const shown = changes.slice(0, 3).join('; ')
  return changes.length <= 3 ? shown : `${shown}; and ${changes.length - 3} more differences`
}
