// From two histograms per column to a verdict: fail when a drift beyond the limit is shown for some column, with an error
// probability over all of them; pass when each is shown to be within it; insufficient otherwise, with the rows that would decide.
import { formatCount, formatOp, formatRate } from '../../statistics/number-words.ts'
import { judgeBounds, type Verdict } from '../../statistics/verdict.ts'
import type { DriftScore } from './drift-bounds.ts'
import {
  type DriftCheck,
  type DriftColumn,
  type DriftStatistics,
  driftWords,
} from './drift-check.ts'
import { scoreColumn } from './drift-column-score.ts'
import { moversOf } from './drift-movers.ts'
import { neededDriftRows } from './drift-needed.ts'

export interface DriftJudgement {
  readonly verdict: Verdict
  readonly because: string
  readonly method: string
  readonly estimate?: number
  readonly lower?: number
  readonly upper?: number
  readonly limit?: number
  readonly n?: number
  readonly denominators?: readonly {
    readonly name: string
    readonly n: number
    readonly estimate?: number
  }[]
  readonly neededRows?: number
}

interface ScoredColumn {
  readonly column: DriftColumn
  readonly score: DriftScore
  readonly verdict: Verdict
}

const shown = 3

export function judgeDrift(
  check: DriftCheck,
  found: DriftStatistics,
  confidence: number,
): DriftJudgement {
  const words = driftWords[check.method]
  const method = `${words}, ${methodWords(check)}`
  if (found.columns.length === 0)
    return {
      verdict: 'insufficient',
      because: `no column can be compared with ${found.reference}`,
      method,
    }
  // Lower bounds hold for all columns together (Šidák); that each is within the limit is shown column by column.
  const tails = { lower: 1 - confidence ** (1 / found.columns.length), upper: 1 - confidence }
  const scored: ScoredColumn[] = []
  const unscored: string[] = []
  for (const column of found.columns) {
    const score = scoreColumn(column, check.method, tails)
    if (typeof score === 'string') unscored.push(`${column.compared.name}: ${score}`)
    else
      scored.push({
        column,
        score,
        verdict: judgeBounds({ ...score, limit: check.limit.value, op: check.limit.op }),
      })
  }
  const [worst] = [...scored].sort(worstFirst)
  if (worst === undefined) return { verdict: 'insufficient', because: unscored.join('; '), method }
  const failed = scored.filter(({ verdict }) => verdict === 'fail').sort(worstFirst)
  const open = scored.filter(({ verdict }) => verdict === 'insufficient').sort(worstFirst)
  const numbers = {
    ...{ method, limit: check.limit.value, n: found.rows },
    ...{ estimate: worst.score.estimate, lower: worst.score.lower, upper: worst.score.upper },
    denominators: scored.map(({ column, score }) => ({
      ...{ name: column.compared.name, n: found.rows, estimate: round(score.estimate) },
    })),
  }
  const sizes = `${formatCount(found.rows)} rows against ${formatCount(found.referenceRows)} of ${found.reference}`
  const allowed = `allowed ${formatOp(check.limit.op)} ${formatRate(check.limit.value)}`
  const tell = (some: readonly ScoredColumn[]) => listed(some, check, confidence)
  if (failed.length > 0) {
    const count =
      scored.length === 1 ? '' : `${failed.length} of ${scored.length} columns drifted: `
    return {
      verdict: 'fail',
      because: `${count}${tell(failed)}; ${allowed} (${sizes})`,
      ...numbers,
    }
  }
  if (open.length > 0 || unscored.length > 0) {
    const neededRows = neededDriftRows(
      open.map(({ column }) => column),
      check,
      confidence,
    )
    return {
      verdict: 'insufficient',
      because: openWords({ open, unscored, all: scored.length, tell, allowed, sizes, neededRows }),
      ...numbers,
      ...(typeof neededRows === 'number' ? { neededRows } : {}),
    }
  }
  const which =
    scored.length === 1
      ? tell([worst])
      : `none of ${scored.length} columns drifted; most of all ${tell([worst])}`
  return { verdict: 'pass', because: `${which}; ${allowed} (${sizes})`, ...numbers }
}

function worstFirst(a: ScoredColumn, b: ScoredColumn): number {
  return (
    b.score.lower - a.score.lower ||
    b.score.upper - a.score.upper ||
    (a.column.compared.name < b.column.compared.name ? -1 : 1)
  )
}

interface OpenQuestion {
  readonly open: readonly ScoredColumn[]
  readonly unscored: readonly string[]
  readonly all: number
  readonly tell: (some: readonly ScoredColumn[]) => string
  readonly allowed: string
  readonly sizes: string
  readonly neededRows: number | 'reference' | undefined
}

function openWords({
  open,
  unscored,
  all,
  tell,
  allowed,
  sizes,
  neededRows,
}: OpenQuestion): string {
  if (open.length === 0) return unscored.join('; ')
  const count = all === 1 ? '' : `${open.length} of ${all} columns are undecided: `
  const more =
    neededRows === 'reference'
      ? '; more rows here would not decide it, the reference itself has too few'
      : neededRows === undefined
        ? ''
        : `; about ${formatCount(neededRows)} rows would decide it`
  const others = unscored.length === 0 ? '' : `; ${unscored.join('; ')}`
  return `${count}${tell(open)}; ${allowed} (${sizes})${more}${others}`
}

function listed(some: readonly ScoredColumn[], check: DriftCheck, confidence: number): string {
  const percent = Number((confidence * 100).toPrecision(4))
  const parts = some.slice(0, shown).map(({ column, score }) => {
    const noise =
      score.estimate > 0 && score.noise > score.estimate / 4
        ? `, of which about ${formatRate(score.noise)} is chance`
        : ''
    const [mover] = moversOf(column.compared)
    const moved = mover === undefined || score.lower === 0 ? '' : `, ${mover.sentence}`
    const name = column.compared.name
    return `${name} has a ${driftWords[check.method]} of ${formatRate(score.estimate)}${noise} (${percent} % bounds ${formatRate(score.lower)} to ${formatRate(score.upper)}${moved})`
  })
  const more = some.length > shown ? ` and ${some.length - shown} more` : ''
  return parts.join('; ') + more
}

function methodWords({ method }: DriftCheck): string {
  switch (method) {
    case 'psi':
    case 'js_distance':
    case 'js_divergence':
    case 'chi2':
      return 'bounds from the non-central chi-square law'
    case 'linf':
      return 'Clopper-Pearson by bin, Šidák'
    case 'ks':
      return 'Kolmogorov-Smirnov law'
    case 'tvd':
    case 'wasserstein':
      return 'Gaussian concentration'
    case 'missing':
      return 'Newcombe'
    case 'new_values':
      return 'Wilson'
    case 'lost_values':
      return 'chance of staying away'
  }
}

function round(value: number): number {
  return Number(value.toPrecision(6))
}
