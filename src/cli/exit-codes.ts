// What a finished run, promotion or rollout means for a shell. The table is docs/reference/exit-codes.md.
import type { PromotionView, RolloutView, RunView } from '../api/contract/views.ts'

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refusedByGate: 3,
  waitingForApproval: 4,
  blockedByPolicy: 5,
  rolledBack: 6,
  wouldRun: 7,
  conflict: 8,
  insufficient: 10,
  notVerified: 11,
  notReproduced: 12,
  timeout: 124,
  interrupted: 130,
} as const

export function runExitCode(run: RunView): number {
  switch (run.phase) {
    case 'succeeded':
    case 'unchanged':
      return exitCodes.done
    case 'timed_out':
      return exitCodes.timeout
    case 'failed': {
      const verdicts = new Set(run.gates.map((gate) => gate.verdict))
      if (verdicts.has('fail')) return exitCodes.refusedByGate
      return verdicts.has('insufficient') ? exitCodes.insufficient : exitCodes.failed
    }
    default:
      return exitCodes.failed
  }
}

export function promotionExitCode(promotion: PromotionView): number {
  switch (promotion.phase) {
    case 'awaiting_approval':
      return exitCodes.waitingForApproval
    case 'blocked':
      return exitCodes.blockedByPolicy
    case 'rolled_back':
      return exitCodes.rolledBack
    case 'failed':
    case 'errored':
    case 'rejected':
    case 'cancelled':
    case 'expired':
    case 'superseded':
      return exitCodes.failed
    default:
      return exitCodes.done
  }
}

export function rolloutExitCode(rollout: RolloutView): number {
  if (rollout.phase === 'completed') return exitCodes.done
  return rollout.phase === 'errored' ? exitCodes.failed : exitCodes.rolledBack
}

export const runIsOver = (run: RunView) =>
  ['succeeded', 'failed', 'errored', 'cancelled', 'timed_out', 'superseded', 'unchanged'].includes(
    run.phase,
  )

export const promotionIsOver = (promotion: PromotionView) =>
  [
    'succeeded',
    'rolled_back',
    'failed',
    'errored',
    'rejected',
    'cancelled',
    'expired',
    'superseded',
  ].includes(promotion.phase)

export const rolloutIsOver = (rollout: RolloutView) =>
  ['completed', 'rolled_back', 'rollback_failed', 'errored'].includes(rollout.phase)
