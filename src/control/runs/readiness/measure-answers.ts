// Answers of the packaged model compared with each other, with its signature, with the champion's signature, with golden
// requests, and what it answers to requests that are wrong on purpose.
import { isRefusal } from '../../../foundation/refusal.ts'
import { type AnsweredTensor, sentenceOfErrorBody } from '../../../serve/protocol/infer-exchange.ts'
import type { ReplicaClient } from '../../../serve/runtime/replica-client.ts'
import type { ScoredColumn } from '../../../serve/runtime/score-rows.ts'
import { type BadAnswer, badQuestions } from '../../../verify/readiness/bad-questions.ts'
import { compareAnswers } from '../../../verify/readiness/compare-answers.ts'
import {
  compareGolden,
  type GoldenDifference,
  type GoldenRequest,
  parseGoldenFile,
  writeGoldenFile,
} from '../../../verify/readiness/golden-requests.ts'
import {
  breakingChanges,
  classOrder,
  faultsOfAnswer,
  reorderedClasses,
} from '../../../verify/readiness/model-signature.ts'
import type {
  BadInputEvidence,
  CompatibilityEvidence,
  GoldenEvidence,
  Measured,
  RepeatEvidence,
  RepeatWay,
} from '../../../verify/readiness/readiness-evidence.ts'
import type { ScoringReplica } from '../evaluation/scoring-replica.ts'
import { askBody, bodyOfRows, joinAnswers, singleRows } from './ask-rows.ts'

/** Rows scored one by one and in one batch. */
const comparedRows = 64
/** Enough rows to meet every class of most models. */
const classRows = 500

type Answer = readonly AnsweredTensor[]

/** The same rows asked together, one by one and together again. */
export interface ComparedAnswers {
  readonly rows: number
  readonly together: Answer
  readonly alone: Answer
  readonly again: Answer
  /** What single answers and the batch hold against the signature. */
  readonly faults: readonly string[]
}

export async function compareRows(
  { client, signature }: ScoringReplica,
  columns: readonly ScoredColumn[],
): Promise<ComparedAnswers> {
  const rows = Math.min(comparedRows, columns[0]?.values.length ?? 0)
  const batch = batchOf({ signature }, columns, rows)
  const together = await askBody(client, batch)
  const single: Answer[] = []
  for (const body of singleRows(signature, columns, rows)) single.push(await askBody(client, body))
  const again = await askBody(client, batch)
  const faults = [
    ...faultsOfAnswer(signature, together, rows),
    ...single.flatMap((answer) => faultsOfAnswer(signature, answer, 1)),
  ]
  return { rows, together, alone: joinAnswers(single), again, faults: [...new Set(faults)] }
}

export function repeatsOf(
  { rows, together, alone, again }: ComparedAnswers,
  restarted: Answer | undefined,
): readonly RepeatEvidence[] {
  const repeat = (way: RepeatWay, answer: Answer): RepeatEvidence => ({
    way,
    difference: compareAnswers(together, answer, rows),
  })
  return [
    repeat('asked twice', again),
    repeat('in batches of 1 and 64', alone),
    ...(restarted === undefined ? [] : [repeat('after a restart', restarted)]),
  ]
}

/** The rows of `compareRows` in one batch, for a process that was started afresh. */
export function askTogether(
  replica: ScoringReplica,
  columns: readonly ScoredColumn[],
  rows: number,
): Promise<Answer> {
  return askBody(replica.client, batchOf(replica, columns, rows))
}

function batchOf(
  { signature }: Pick<ScoringReplica, 'signature'>,
  columns: readonly ScoredColumn[],
  rows: number,
): string {
  const body = bodyOfRows(signature, columns, { from: 0, to: rows })
  if (isRefusal(body)) throw new Error(`the holdout cannot be sent: ${body.because}`)
  return body
}

export interface ComparedModel {
  readonly replica: ScoringReplica
  readonly columns: readonly ScoredColumn[]
}

/** Signatures, and the order of classes as both models show it on the same rows. */
export async function measureCompatibility(
  own: ComparedModel,
  champion: ComparedModel & { readonly release: string },
  probabilities: string,
): Promise<CompatibilityEvidence> {
  const now = own.replica.signature
  const before = champion.replica.signature
  const orders = await Promise.all([own, champion].map((model) => classesOf(model, probabilities)))
  const [ownOrder = [], championOrder = []] = orders
  return {
    release: champion.release,
    breaking: [...breakingChanges(now, before), ...reorderedClasses(ownOrder, championOrder)],
    inputs: now.inputs.length,
    outputs: before.outputs.length,
  }
}

async function classesOf(
  { replica, columns }: ComparedModel,
  probabilities: string,
): Promise<readonly (string | null)[]> {
  const rows = Math.min(classRows, columns[0]?.values.length ?? 0)
  const answer = await askTogether(replica, columns, rows)
  const scores = answer.find((tensor) => tensor.name === probabilities)
  const label = answer.find((tensor) => tensor.name === 'label')
  return scores && label ? classOrder(label.data, scores.data) : []
}

export interface GoldenFiles {
  /** Undefined when there is no such file. */
  read(path: string): Promise<string | undefined>
  /** Leaves a file for a person to look at; resolves to where it is, as it is said to people. */
  propose(path: string, text: string): Promise<string>
}

const proposedRequests = 8
const proposedTolerance = 1e-5

export async function measureGolden(
  { replica, columns }: ComparedModel,
  path: string,
  files: GoldenFiles,
): Promise<Measured<GoldenEvidence>> {
  const text = await files.read(path)
  if (text === undefined) {
    const proposal = writeGoldenFile(await proposeRequests(replica, columns), proposedTolerance)
    const place = await files.propose(path, proposal)
    return {
      unmeasured: `there is no ${path}; look at the requests with the answers of this model in ${place} and copy it to ${path}`,
    }
  }
  const golden = parseGoldenFile(text)
  if (typeof golden === 'string') return { unmeasured: `${path} cannot be used: ${golden}` }
  const differences: GoldenDifference[] = []
  for (const request of golden.requests) {
    const difference = await askGolden(replica.client, request)
    if (difference !== undefined) differences.push(difference)
  }
  const { tolerance, requests } = golden
  return { requests: requests.length, tolerance, differences }
}

async function askGolden(
  client: ReplicaClient,
  golden: GoldenRequest,
): Promise<GoldenDifference | undefined> {
  try {
    return compareGolden(golden, await askBody(client, JSON.stringify(golden.request)))
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    return { request: golden.name, maxDifference: null, because }
  }
}

async function proposeRequests(
  { client, signature }: ScoringReplica,
  columns: readonly ScoredColumn[],
): Promise<readonly GoldenRequest[]> {
  const requests: GoldenRequest[] = []
  for (const [row, body] of singleRows(signature, columns, proposedRequests).entries()) {
    const { inputs } = JSON.parse(body.toString()) as { readonly inputs: unknown }
    requests.push({
      name: `holdout row ${row}`,
      request: { inputs },
      response: { outputs: await askBody(client, body) },
    })
  }
  return requests
}

const badPatienceMs = 5000

/** On a replica that nothing else is measured on afterwards: it may not survive. */
export async function measureBadInput(
  { client, signature }: ScoringReplica,
  columns: readonly ScoredColumn[],
): Promise<BadInputEvidence> {
  const [good] = singleRows(signature, columns, 1)
  if (good === undefined) throw new Error('the holdout has no row to make bad input of')
  await askBody(client, good)
  const { inputs } = JSON.parse(good.toString()) as {
    readonly inputs: Parameters<typeof badQuestions>[1]
  }
  const answers: BadAnswer[] = []
  for (const { name, body, expect } of badQuestions(signature, inputs)) {
    const answer = await client
      .infer(Buffer.from(body), { timeoutMs: badPatienceMs })
      .catch(() => undefined)
    const status = answer?.status ?? null
    const sentence =
      answer === undefined || status === 200 ? '' : sentenceOfErrorBody(answer.body.toString())
    answers.push({ name, expect, status, sentence })
    // Whoever is dead stays dead: more questions would only wait.
    if (answer === undefined && !(await client.ready())) break
  }
  const after = await askBody(client, good).catch(() => undefined)
  return { answers, aliveAfter: after !== undefined }
}
