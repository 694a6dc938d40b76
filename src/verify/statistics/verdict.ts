// The one vocabulary of judgement for gates, canaries and monitors. Doubt is a verdict of its own and never acts as pass.

export type Verdict = 'pass' | 'warn' | 'fail' | 'insufficient' | 'error' | 'skipped' | 'waived'

export type Op = '<' | '<=' | '>' | '>=' | '='

/** Worst first. A certain no outranks a question that could not be answered; nothing checked is not a pass. */
export const verdictsWorstFirst: readonly Verdict[] = [
  'fail',
  'error',
  'insufficient',
  'warn',
  'waived',
  'pass',
  'skipped',
]

/** The worst of several verdicts; `skipped` when there is none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return verdictsWorstFirst.find((verdict) => verdicts.includes(verdict)) ?? 'skipped'
}

export function mayPromote(verdict: Verdict): boolean {
  return verdict === 'pass' || verdict === 'warn' || verdict === 'waived'
}

export interface BoundQuestion {
  /** One-sided bounds at the check's confidence; undefined when nothing could be estimated. */
  readonly lower: number | undefined
  readonly upper: number | undefined
  readonly limit: number
  readonly op: Op
}

/** Pass when the whole bound is on the good side of the limit, fail when it is on the bad side, else insufficient. */
export function judgeBounds({ lower, upper, limit, op }: BoundQuestion): Verdict {
  if (lower === undefined || upper === undefined) return 'insufficient'
  if (!(lower <= upper)) return 'insufficient'
  const least = isHeld(lower, op, limit)
  const most = isHeld(upper, op, limit)
  if (least && most) return 'pass'
  if (op === '=') return limit < lower || limit > upper ? 'fail' : 'insufficient'
  return least || most ? 'insufficient' : 'fail'
}

/** Plain comparison, for numbers that are known exactly. */
export function isHeld(value: number, op: Op, limit: number): boolean {
  switch (op) {
    case '<':
      return value < limit
    case '<=':
      return value <= limit
    case '>':
      return value > limit
    case '>=':
      return value >= limit
    case '=':
      return value === limit
  }
}

export function judgeExactly(value: number | undefined, op: Op, limit: number): Verdict {
  if (value === undefined || Number.isNaN(value)) return 'insufficient'
  return isHeld(value, op, limit) ? 'pass' : 'fail'
}
