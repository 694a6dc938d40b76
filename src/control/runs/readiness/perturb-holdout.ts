// Perturbed holdout rows answered by the candidate in a replica of its own, beside its answers to the rows as they are; only what
// some check asks for, and each perturbation once.
import { sentenceOf } from '../../../foundation/errors.ts'
import type { ModelSignature, TensorSpec } from '../../../serve/protocol/tensor.ts'
import type { ScorePlace } from '../../../serve/runtime/score-place.ts'
import { type ScoredColumn, scoreRows } from '../../../serve/runtime/score-rows.ts'
import type { DropCheckSpec } from '../../../verify/gates/check-spec.ts'
import { rowsOf, type Scored, selectRows } from '../../../verify/metrics/scored.ts'
import { type PerturbColumn, perturbColumns } from '../../../verify/readiness/perturb.ts'
import type { Measured } from '../../../verify/readiness/readiness-evidence.ts'
import {
  keyOfMonotone,
  keyOfPerturbation,
  type PerturbedEvidence,
  type RobustnessEvidence,
} from '../../../verify/readiness/robustness.ts'
import type { ScoringReplica } from '../evaluation/scoring-replica.ts'
import { measureExtremes, measureMonotone } from './measure-shape.ts'

export interface PerturbRequest {
  readonly checks: readonly DropCheckSpec[]
  /** The candidate in a fresh process: rows it was not made for may end it. */
  readonly open: () => Promise<ScoringReplica>
  readonly columns: readonly ScoredColumn[]
  readonly place: ScorePlace
  /** Answers to the rows as they are. */
  readonly scored: Scored
  readonly signal: AbortSignal
}

/** More rows say little more about a loss, and every perturbation costs as much as scoring the holdout. */
const mostRows = 20_000

export async function perturbHoldout(request: PerturbRequest): Promise<RobustnessEvidence> {
  const { checks, place, signal } = request
  const { plain, columns } = sampled(request)
  const world = openAgain(request.open)
  const scoresOf = async (signature: ModelSignature, changed: readonly ScoredColumn[]) => {
    const { client } = await world.alive()
    const { scores } = await scoreRows(client, { signature, columns: changed, score: place })
    return scores
  }
  try {
    const { signature } = await world.alive()
    const perturbed = new Map<string, PerturbedEvidence>()
    for (const { perturb, columns: only } of checks) {
      for (const perturbation of perturb) {
        const key = keyOfPerturbation(perturbation, only)
        if (perturbed.has(key)) continue
        const unknown = unknownColumn([...(only ?? []), ...namedBy(perturbation)], columns)
        const changed = perturbColumns(typed(columns, signature), perturbation, only)
        perturbed.set(
          key,
          unknown ??
            (changed.touched === 0
              ? { inapplicable: 'the model takes no column it could be done to' }
              : await answered(request, async () => {
                  const scores = await scoresOf(
                    withInputs(signature, changed.columns),
                    changed.columns,
                  )
                  return { scored: { ...plain, scores }, changed: changed.changed }
                })),
        )
      }
    }
    const asks = (what: DropCheckSpec['subject']['what']) =>
      checks.some(({ subject }) => subject.what === what)
    const extremes = asks('finite')
      ? await measured(signal, async () =>
          measureExtremes(await world.alive(), columns, world.alive),
        )
      : undefined
    const monotone = new Map<string, Measured<Awaited<ReturnType<typeof measureMonotone>>>>()
    for (const { subject } of checks) {
      if (subject.what !== 'monotone') continue
      const { column, direction } = subject
      const unknown = unknownColumn([column], columns)
      const shape = { column, direction, columns, task: plain.task }
      monotone.set(
        keyOfMonotone(column, direction),
        unknown === undefined
          ? await measured(signal, () =>
              measureMonotone(shape, (changed) => scoresOf(signature, changed)),
            )
          : { unmeasured: unknown.inapplicable },
      )
    }
    return { plain, perturbed, monotone, ...(extremes === undefined ? {} : { extremes }) }
  } finally {
    await world.close()
  }
}

/** Rows at even distances when there are more than enough. */
function sampled({ scored, columns }: PerturbRequest): {
  plain: Scored
  columns: readonly ScoredColumn[]
} {
  const rows = rowsOf(scored)
  if (rows <= mostRows) return { plain: scored, columns }
  const kept = Uint32Array.from({ length: mostRows }, (_, at) => Math.floor((at * rows) / mostRows))
  return {
    plain: selectRows(scored, kept),
    columns: columns.map(({ name, values }) => ({
      name,
      values: Array.from(kept, (row) => values[row]),
    })),
  }
}

/** A replica that is started again after it was lost. */
function openAgain(open: () => Promise<ScoringReplica>) {
  let current: ScoringReplica | undefined
  return {
    async alive(): Promise<ScoringReplica> {
      if (current !== undefined && (await current.client.ready())) return current
      await current?.stop()
      current = undefined
      current = await open()
      return current
    },
    async close(): Promise<void> {
      await current?.stop()
    },
  }
}

function typed(
  columns: readonly ScoredColumn[],
  { inputs }: ModelSignature,
): readonly PerturbColumn[] {
  return inputs.map(({ name, datatype }) => ({
    name,
    datatype,
    values: columns.find((column) => column.name === name)?.values ?? [],
  }))
}

/** Requests follow the order of these columns, and carry those the model does not know. */
function withInputs(
  { inputs, outputs }: ModelSignature,
  columns: readonly PerturbColumn[],
): ModelSignature {
  const specOf = ({ name, datatype }: PerturbColumn): TensorSpec =>
    inputs.find((spec) => spec.name === name) ?? {
      name,
      datatype: datatype === 'BYTES' ? 'BYTES' : 'FP32',
      shape: [-1, 1],
    }
  return { inputs: columns.map(specOf), outputs }
}

function namedBy(perturbation: DropCheckSpec['perturb'][number]): readonly string[] {
  return perturbation.kind === 'permute' ? perturbation.columns : []
}

function unknownColumn(
  names: readonly string[],
  columns: readonly ScoredColumn[],
): { readonly inapplicable: string } | undefined {
  const unknown = names.find((name) => !columns.some((column) => column.name === name))
  if (unknown === undefined) return undefined
  const known = columns.map(({ name }) => name).join(', ')
  return { inapplicable: `the model takes no column ${unknown}; it takes ${known}` }
}

async function answered(
  { signal }: PerturbRequest,
  score: () => Promise<PerturbedEvidence>,
): Promise<PerturbedEvidence> {
  try {
    return await score()
  } catch (error) {
    if (signal.aborted) throw error
    return { refused: sentenceOf(error) }
  }
}

async function measured<T>(signal: AbortSignal, measure: () => Promise<T>): Promise<Measured<T>> {
  try {
    return await measure()
  } catch (error) {
    if (signal.aborted) throw error
    return { unmeasured: sentenceOf(error) }
  }
}
