// The answer of long work: lines of progress, then one line with the answer or the problem.
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { ProgressView } from '../api/contract/route.ts'
import type { ProblemView } from '../api/contract/views.ts'
import type { HttpAnswer } from './answers.ts'

export type Told = (progress: ProgressView) => void

interface ToldLine {
  readonly told?: ProgressView
  readonly answer?: unknown
  readonly problem?: ProblemView
}

/** Rejects when the connection ends before the answer: what became of the work is then unknown. */
export async function readTold(response: IncomingMessage, told: Told): Promise<HttpAnswer> {
  for await (const text of createInterface({
    input: response,
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    const line = JSON.parse(text) as ToldLine
    if (line.told) told(line.told)
    if (line.problem) return { status: line.problem.status, text: JSON.stringify(line.problem) }
    if ('answer' in line) return { status: 200, text: JSON.stringify(line.answer) }
  }
  throw Object.assign(new Error('it ended before the work was done'), { code: 'ECONNRESET' })
}
