// What the families share when they read a line.
import { didYouMean } from '../../../project/problems.ts'
import type { CheckProblems } from '../check-spec.ts'
import { type Piece, problemAt } from './check-line.ts'

/** More names than this help nobody. */
const mostListed = 12

export function nearestHint(word: string, choices: readonly string[], what: string): string {
  const near = didYouMean(word, choices)
  if (near !== undefined) return `Did you mean ${near}?`
  const shown = choices.slice(0, mostListed).join(', ')
  const left = choices.length - mostListed
  return left > 0
    ? `Known ${what}: ${shown} and ${left} more (docs/reference/checks.md).`
    : `Known ${what}: ${shown}.`
}

/** As written again: a name that is not a plain word is quoted. */
export function writeName(name: string): string {
  return /^[\w.@-]+$/.test(name) ? name : JSON.stringify(name)
}

export function writeShare(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`
}

export function fail(at: Piece, message: string, hint?: string): CheckProblems {
  return { problems: [problemAt(at, message, hint)] }
}
