// What the judgement of a data check says, and how its limits are told.
import { formatNumber, formatOp, formatShare } from '../statistics/number-words.ts'
import type { Verdict } from '../statistics/verdict.ts'
import type { Limit } from './limit.ts'

export interface DataJudgement {
  readonly verdict: Verdict
  readonly because: string
  readonly estimate?: number
  readonly limit?: number
  readonly n?: number
}

export function allowed(limits: readonly Limit[]): string {
  return `allowed ${limits.map(({ op, value }) => `${formatOp(op)} ${formatNumber(value)}`).join(' and ')}`
}

export function allowedShare(limits: readonly Limit[]): string {
  return `allowed ${limits.map(({ op, value }) => `${formatOp(op)} ${formatShare(value)}`).join(' and ')}`
}
