// What the families share when they read a line.
import { didYouMean } from '../../project/problems.ts'
import { type Piece, problemAt } from './check-line.ts'
import type { CheckProblems } from './check-spec.ts'

export function nearestHint(word: string, choices: readonly string[], what: string): string {
  const near = didYouMean(word, choices)
  return near === undefined ? `Known ${what}: ${choices.join(', ')}.` : `Did you mean ${near}?`
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
