// The shape of a model's answers: finite at the ends of every input, and following a column in one direction only.
import { isRefusal } from '../../../foundation/refusal.ts'
import {
  encodeColumns,
  parseOutputs,
  sentenceOfErrorBody,
} from '../../../serve/protocol/infer-exchange.ts'
import type { ModelSignature, TensorSpec } from '../../../serve/protocol/tensor.ts'
import type { ScoredColumn } from '../../../serve/runtime/score-rows.ts'
import type { Scored } from '../../../verify/metrics/scored.ts'
import { extremeOf } from '../../../verify/readiness/bad-questions.ts'
import type { ExtremeEvidence, MonotoneEvidence } from '../../../verify/readiness/robustness.ts'
import type { ScoringReplica } from '../evaluation/scoring-replica.ts'

const patienceMs = 5000

/** The first row of the holdout with one input after the other at each of its ends. */
export async function measureExtremes(
  { signature }: ScoringReplica,
  columns: readonly ScoredColumn[],
  alive: () => Promise<ScoringReplica>,
): Promise<ExtremeEvidence> {
  let asked = 0
  let refused = 0
  const broken: string[] = []
  for (const spec of signature.inputs) {
    for (const end of ['largest', 'smallest'] as const) {
      const body = bodyWith(signature, columns, { spec, value: extremeOf(spec.datatype, end) })
      if (body === undefined) continue
      asked++
      const { client } = await alive()
      const found = await verdictOn(client, body)
      if (found === 'refused') refused++
      else if (found !== 'finite') broken.push(`the ${end} ${spec.name}: ${found}`)
    }
  }
  return { asked, refused, broken }
}

function bodyWith(
  { inputs }: ModelSignature,
  columns: readonly ScoredColumn[],
  { spec, value }: { readonly spec: TensorSpec; readonly value: unknown },
): string | undefined {
  const row = inputs.map((input) => {
    const [first] = columns.find((column) => column.name === input.name)?.values ?? []
    return { spec: input, values: [input.name === spec.name ? value : first] }
  })
  const body = encodeColumns(row, [])
  return isRefusal(body) ? undefined : body
}

async function verdictOn(
  client: ScoringReplica['client'],
  body: string,
): Promise<'finite' | 'refused' | string> {
  const answer = await client.infer(Buffer.from(body), { timeoutMs: patienceMs }).catch(() => null)
  if (answer === null) return 'no answer'
  const text = answer.body.toString()
  if (answer.status >= 400 && answer.status < 500) return 'refused'
  if (answer.status !== 200) return `answered ${answer.status}: ${sentenceOfErrorBody(text)}`
  const outputs = parseOutputs(text)
  if (isRefusal(outputs)) return outputs.because
  const strange = outputs.find(
    ({ datatype, data }) =>
      datatype.startsWith('FP') && data.some((value) => !Number.isFinite(value)),
  )
  return strange === undefined ? 'finite' : `${strange.name} is not finite`
}

const mostRows = 200
const mostSteps = 11
/** Float32 has seven digits: a smaller step back is the order of an addition. */
const slack = 1e-6

export interface MonotoneQuestion {
  readonly column: string
  readonly direction: 'up' | 'down'
  readonly columns: readonly ScoredColumn[]
  readonly task: Scored['task']
}

/** Rows at even distances, each at the quantiles of the column: only that column changes within a row. */
export async function measureMonotone(
  { column, direction, columns, task }: MonotoneQuestion,
  scoresOf: (columns: readonly ScoredColumn[]) => Promise<Float64Array>,
): Promise<MonotoneEvidence> {
  if (task === 'multiclass') throw new Error('a multiclass model has no single score to follow')
  const own = columns.find(({ name }) => name === column)?.values ?? []
  const steps = quantilesOf(own)
  const rows = Math.min(mostRows, own.length)
  if (steps.length < 2) return { rows, steps: steps.length, violations: 0, worst: null }
  const picked = Array.from({ length: rows }, (_, at) => Math.floor((at * own.length) / rows))
  const scores = await scoresOf(
    columns.map(({ name, values }) => ({
      name,
      values: picked.flatMap((row) =>
        steps.map((step) => (name === column ? likeOriginal(step, own) : values[row])),
      ),
    })),
  )
  const sign = direction === 'up' ? 1 : -1
  let violations = 0
  let worst: MonotoneEvidence['worst'] = null
  for (let row = 0; row < rows; row++) {
    let isViolated = false
    for (let at = 1; at < steps.length; at++) {
      const before = scores[row * steps.length + at - 1] ?? Number.NaN
      const by = sign * (before - (scores[row * steps.length + at] ?? Number.NaN))
      if (by <= slack) continue
      isViolated = true
      if (by > (worst?.by ?? 0))
        worst = { from: steps[at - 1] ?? Number.NaN, to: steps[at] ?? Number.NaN, by }
    }
    if (isViolated) violations++
  }
  return { rows, steps: steps.length, violations, worst }
}

/** Distinct deciles; empty for a column without numbers. */
function quantilesOf(values: readonly unknown[]): readonly number[] {
  const numbers = values.flatMap((value) =>
    typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))
      ? [Number(value)]
      : [],
  )
  const sorted = Float64Array.from(numbers).sort()
  const picked = Array.from(
    { length: mostSteps },
    (_, at) => sorted[Math.round((at * (sorted.length - 1)) / (mostSteps - 1))],
  )
  return [...new Set(picked.flatMap((value) => (value === undefined ? [] : [value])))]
}

function likeOriginal(step: number, values: readonly unknown[]): unknown {
  return typeof values.find((value) => value !== null) === 'bigint' ? BigInt(step) : step
}
