// When which release served where: from the rollouts, which are never deleted. Pure.
import type { Deployment } from '../../deliver/environments/deployment.ts'
import { isEnded, type Rollout } from '../../deliver/rollouts/rollout.ts'
import type { Instant } from '../../foundation/clock.ts'

export interface Serving {
  readonly environment: string
  readonly releaseId: string
  readonly number: number
  readonly from: Instant
  /** Null: it serves now. */
  readonly until: Instant | null
  /** `serves`, `served`, `tried and taken back`, `being tried`. */
  readonly outcome: 'serves' | 'served' | 'taken back' | 'being tried'
}

/** Oldest first. Only what gave answers to clients counts. */
export function servingHistory(
  rollouts: readonly Rollout[],
  deployments: readonly Deployment[],
): Serving[] {
  const moved = rollouts
    .flatMap((rollout) =>
      rollout.marks.movedAt === null ? [] : [{ rollout, from: rollout.marks.movedAt }],
    )
    .sort((a, b) => a.from - b.from)
  const completions = moved.flatMap(({ rollout }) =>
    rollout.phase === 'completed' ? [{ rollout, at: rollout.endedAt }] : [],
  )
  return moved.map(({ rollout, from }) => {
    const { environment, release } = rollout
    const base = { environment, releaseId: release.releaseId, number: release.number, from }
    if (!isEnded(rollout)) return { ...base, until: null, outcome: 'being tried' }
    if (rollout.phase !== 'completed') {
      return {
        ...base,
        until: rollout.marks.zeroTrafficAt ?? rollout.endedAt,
        outcome: 'taken back',
      }
    }
    const ended = rollout.endedAt
    const after = completions.find(
      (one) => one.rollout.environment === environment && one.at > ended,
    )
    const stable = deployments.find((one) => one.environment === environment)?.stable
    if (after) return { ...base, until: after.at, outcome: 'served' }
    const serves = stable?.releaseId === release.releaseId
    return { ...base, until: serves ? null : ended, outcome: serves ? 'serves' : 'served' }
  })
}
