// Readiness of people and places: is there an owner, a runbook, a monitor, and has anyone ever gone back?
import type { OperationEvidence, RehearsedRollback } from './readiness-evidence.ts'

export type OperationSubject =
  | { readonly what: 'owner' | 'runbook' }
  | { readonly what: 'monitored'; readonly environment: string | null }
  | { readonly what: 'rehearsed'; readonly environment: string; readonly withinMs: number | null }

/** Plain JSON. */
export type OperationStatistics =
  | { readonly method: 'operation'; readonly of: 'owner'; readonly owner: string | null }
  | {
      readonly method: 'operation'
      readonly of: 'runbook'
      readonly runbook: OperationEvidence['runbook']
    }
  | {
      readonly method: 'operation'
      readonly of: 'monitored'
      readonly monitors: OperationEvidence['monitors']
      readonly environments: readonly string[]
    }
  | {
      readonly method: 'operation'
      readonly of: 'rehearsed'
      /** The newest in that environment; null when there was none. */
      readonly rollback: RehearsedRollback | null
      readonly environments: readonly string[]
      readonly now: number
    }

export function measureOperation(
  subject: OperationSubject,
  { owner, runbook, monitors, environments, rollbacks, now }: OperationEvidence,
): OperationStatistics {
  const method = 'operation'
  switch (subject.what) {
    case 'owner':
      return { method, of: 'owner', owner }
    case 'runbook':
      return { method, of: 'runbook', runbook }
    case 'monitored':
      return { method, of: 'monitored', monitors, environments }
    case 'rehearsed': {
      const rollback = rollbacks.find(({ environment }) => environment === subject.environment)
      return { method, of: 'rehearsed', rollback: rollback ?? null, environments, now }
    }
  }
}
