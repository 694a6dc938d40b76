// The five DORA numbers (DORA, "Accelerate State of DevOps" 2024) of one environment, from recorded promotions alone. Pure.
// A deployment is a forward change that reached clients; contained canary failures count as failures, rollbacks are not deployments.
import type { Instant } from '../foundation/clock.ts'

export interface DeploymentRecord {
  readonly outcome: 'succeeded' | 'rolled_back' | 'failed'
  readonly finishedAt: Instant
  /** When the change was made: commit time for code, trigger time for data. */
  readonly changedAt: Instant
  readonly changedBy: 'code' | 'data'
  /** First sign of harm, and when traffic was back on a healthy release; null without harm. */
  readonly impairedAt: Instant | null
  readonly healthyAt: Instant | null
  /** A fix for an earlier failed deployment. */
  readonly rework: boolean
}

export interface Dora {
  readonly deployments: number
  readonly deploymentsPerDay: number
  readonly leadTimeMs: {
    readonly median: number
    readonly code: number | null
    readonly data: number | null
  } | null
  readonly changeFailRate: number | null
  readonly recoveryTimeMs: number | null
  readonly reworkRate: number | null
}

const dayMs = 86_400_000

export function doraOf(records: readonly DeploymentRecord[], windowDays: number): Dora {
  const succeeded = records.filter((record) => record.outcome === 'succeeded')
  const leadOf = (kind?: DeploymentRecord['changedBy']) =>
    median(
      succeeded
        .filter((record) => kind === undefined || record.changedBy === kind)
        .map((record) => record.finishedAt - record.changedAt),
    )
  const overall = leadOf()
  const share = (count: number) => (records.length === 0 ? null : count / records.length)
  const recoveries = records.flatMap(({ impairedAt, healthyAt }) =>
    impairedAt === null || healthyAt === null ? [] : [healthyAt - impairedAt],
  )
  return {
    deployments: succeeded.length,
    deploymentsPerDay: succeeded.length / windowDays,
    leadTimeMs:
      overall === null ? null : { median: overall, code: leadOf('code'), data: leadOf('data') },
    changeFailRate: share(records.length - succeeded.length),
    recoveryTimeMs: median(recoveries),
    reworkRate: share(records.filter((record) => record.rework).length),
  }
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

export function inWindow(record: DeploymentRecord, now: Instant, windowDays: number): boolean {
  return record.finishedAt > now - windowDays * dayMs
}
