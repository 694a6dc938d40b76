// Trivial models on the holdout's rows: what a model must beat to have learnt anything. Only those that some check names are made.
import { join } from 'node:path'
import { trainBaseline } from '../../../build/baseline/train-baseline.ts'
import { type Tables, tableOf } from '../../../build/tables/duckdb.ts'
import { digestOfFile } from '../../../foundation/digest.ts'
import { sentenceOf } from '../../../foundation/errors.ts'
import { didYouMean } from '../../../project/problems.ts'
import type { EvaluateSpec } from '../../../project/project-spec.ts'
import type { Scored } from '../../../verify/metrics/scored.ts'
import { type Holdout, readInputs } from './read-holdout.ts'
import { scoredOf, scoreHoldout } from './score-holdout.ts'
import type { OpenScoringReplica } from './scoring-replica.ts'

export interface BaselineWorld {
  readonly tables: Tables
  readonly openReplica: OpenScoringReplica
  /** For the trained one's file. */
  readonly workDir: string
  /** The rows it learns from; null when none are declared. */
  readonly trainPath: string | null
  /** What the candidate takes: the baseline learns from the same columns. */
  readonly inputs: readonly string[]
  readonly signal: AbortSignal
}

/** Scores by name of baseline, or the sentence why there are none. */
export async function baselinesFor(
  names: ReadonlySet<string>,
  world: BaselineWorld,
  { holdout, spec }: { readonly holdout: Holdout; readonly spec: EvaluateSpec },
): Promise<ReadonlyMap<string, Scored | string>> {
  const found = new Map<string, Scored | string>()
  const constant = (name: keyof typeof constants) => {
    const row = constants[name](holdout)
    found.set(name, typeof row === 'string' ? row : scoredOf(holdout, spec, repeat(row, holdout)))
  }
  if (names.has('prior')) constant('prior')
  if (names.has('majority')) constant('majority')
  if (names.has('median')) constant('median')
  if (names.has('logistic')) found.set('logistic', await logistic(world, holdout, spec))
  for (const name of names) if (!found.has(name)) found.set(name, unknownBaseline(name))
  return found
}

function unknownBaseline(name: string): string {
  const known = ['prior', 'majority', 'median', 'logistic']
  const near = didYouMean(name, known)
  return `there is none of that name; there are ${known.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`
}

/** The answer of a model that gives every row the same. */
type ConstantAnswer = (holdout: Holdout) => readonly number[] | string

const constants: Readonly<Record<'prior' | 'majority' | 'median', ConstantAnswer>> = {
  prior: ({ labels: known, carried: { weights } }) => {
    switch (known.task) {
      case 'binary':
        return classShares(known.labels, 2, weights).slice(1)
      case 'multiclass':
        return classShares(known.labels, known.classes.length, weights)
      case 'regression':
        return [weightedMean(known.labels, weights)]
      case 'ranking':
        return [0]
    }
  },
  majority: ({ labels: known, carried: { weights } }) => {
    if (known.task !== 'binary' && known.task !== 'multiclass')
      return `a ${known.task} task has no majority class; baseline(prior) is its ${known.task === 'regression' ? 'mean' : 'constant score'}`
    const shares = classShares(known.labels, known.classes.length, weights)
    const top = shares.indexOf(Math.max(...shares))
    const answer = shares.map((_, at) => (at === top ? 1 : 0))
    return known.task === 'binary' ? answer.slice(1) : answer
  },
  median: ({ labels: known }) => {
    if (known.task !== 'regression') return `a ${known.task} task has no median label`
    const sorted = known.labels.toSorted()
    const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
    return [(low + high) / 2]
  },
}

function classShares(
  labels: Uint8Array | Uint32Array,
  classes: number,
  weights: Float64Array | undefined,
): number[] {
  const sums = Array.from({ length: classes }, () => 0)
  for (const [row, label] of labels.entries())
    sums[label] = (sums[label] ?? 0) + (weights?.[row] ?? 1)
  const total = sums.reduce((all, one) => all + one, 0)
  return sums.map((sum) => sum / total)
}

function weightedMean(values: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0
  let total = 0
  for (const [row, value] of values.entries()) {
    sum += value * (weights?.[row] ?? 1)
    total += weights?.[row] ?? 1
  }
  return sum / total
}

function repeat(row: readonly number[], { rows }: Holdout): Float64Array {
  const scores = new Float64Array(rows * row.length)
  for (let at = 0; at < rows; at++) scores.set(row, at * row.length)
  return scores
}

/** A logistic regression on the training rows, served and scored as the candidate is. */
async function logistic(
  world: BaselineWorld,
  holdout: Holdout,
  spec: EvaluateSpec,
): Promise<Scored | string> {
  const { trainPath, tables, workDir, inputs, signal } = world
  if (spec.task !== 'binary')
    return `the logistic baseline is for binary tasks, this one is ${spec.task}`
  if (trainPath === null)
    return 'it has nothing to learn from; name the training rows under evaluate.train'
  const out = join(workDir, 'logistic-baseline.onnx')
  try {
    const present = (await tables.columns(`select * from ${tableOf(trainPath)} limit 0`)).names
    const columns = inputs.filter((name) => present.includes(name))
    if (columns.length === 0)
      return `the training rows have none of the columns that the model takes (${inputs.join(', ')})`
    await trainBaseline({ data: trainPath, label: spec.label, columns, out })
    const replica = await world.openReplica(
      {
        ...{ modelPath: out, label: 'the logistic baseline', modelName: 'logistic' },
        digest: await digestOfFile(out),
      },
      signal,
    )
    try {
      const read = await readInputs(tables, holdout, columns)
      const texts = new Set(
        replica.signature.inputs.filter((one) => one.datatype === 'BYTES').map((one) => one.name),
      )
      const columnsAsLearnt = read.map(({ name, values }) => ({
        name,
        values: values.map((value) => (texts.has(name) ? asText(value) : asNumber(value))),
      }))
      const own: EvaluateSpec = { ...spec, score: null }
      return (await scoreHoldout(replica, holdout, own, columnsAsLearnt)).scored
    } finally {
      await replica.stop()
    }
  } catch (error) {
    if (signal.aborted) throw error
    return sentenceOf(error)
  }
}

/** As the trainer read them: a missing text is a category of its own, a truth value a number. */
function asText(value: unknown): string {
  return value === null || value === undefined ? '' : String(value)
}

function asNumber(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value
}
