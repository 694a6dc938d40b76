// The words of an alert: how many features moved, which ones most, and what that means for the release.
import type { Cause } from './monitor.ts'

const named = 3

export interface AlertSubject {
  readonly model: string
  readonly environment: string
  readonly releaseId: string
}

/** Greatest first; a column found by two monitors is told once. */
export function rankCauses(causes: readonly Cause[]): Cause[] {
  const ranked = [...causes].sort((a, b) => b.excess - a.excess)
  return ranked.filter(
    (cause, at) => ranked.findIndex(({ column }) => column === cause.column) === at,
  )
}

/** The stable release alone sees the new inputs, so no rollout made them: rolling back would not help. */
export function alertSentence(subject: AlertSubject, causes: readonly Cause[]): string {
  const ranked = rankCauses(causes)
  const features = ranked.length === 1 ? '1 column' : `${ranked.length} columns`
  return `live traffic of ${subject.model} in ${subject.environment} no longer looks like the data of the release that serves it: ${features} drifted, most of all ${causesText(ranked)}`
}

export function causesText(causes: readonly Cause[]): string {
  return causes
    .slice(0, named)
    .map(({ column, excess, movers }) => {
      const mover = movers[0] === undefined ? '' : `; ${movers[0]}`
      return `${column} (PSI ${excess.toFixed(2)} beyond noise${mover})`
    })
    .join(', ')
}

export function fingerprintOf(releaseId: string, causes: readonly Cause[]): string {
  const columns = [...new Set(causes.map(({ column }) => column))].sort()
  return `${releaseId}:${columns.join(',')}`
}
