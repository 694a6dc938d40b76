// Recorded promotions, rollouts and runs as DORA counts them.
import { type Promotion, promotionKind } from '../deliver/promotions/promotion.ts'
import { type Rollout, rolloutKind } from '../deliver/rollouts/rollout.ts'
import { type Release, releaseKind } from '../release/release.ts'
import type { ObjectStore } from '../store/object-store.ts'
import type { DeploymentRecord } from './dora.ts'
import { type Run, runKind } from './runs/run.ts'

export async function deploymentRecords(
  store: ObjectStore,
  model: string,
  environment: string,
): Promise<DeploymentRecord[]> {
  const promotions: Promotion[] = await store.list(promotionKind, { model, environment })
  const oldestFirst = promotions.reverse()
  const records: DeploymentRecord[] = []
  let failedBefore = false
  for (const promotion of oldestFirst) {
    const record = await recordOf(store, promotion, failedBefore)
    if (!record) continue
    records.push(record)
    failedBefore = record.outcome !== 'succeeded'
  }
  return records
}

/** Only what reached clients: a candidate that never got traffic was not deployed. */
async function recordOf(
  store: ObjectStore,
  promotion: Promotion,
  rework: boolean,
): Promise<DeploymentRecord | null> {
  const { phase, intent } = promotion
  if (phase !== 'succeeded' && phase !== 'rolled_back' && phase !== 'failed') return null
  if (intent === 'rollback') return null
  const rollout: Rollout | undefined = await store.find(rolloutKind, promotion.rolloutId)
  if (!rollout || rollout.marks.movedAt === null) return null
  const release: Release = await store.get(releaseKind, promotion.release.releaseId)
  const run: Run | undefined = await store.find(runKind, release.runId)
  const byData = run !== undefined && run.trigger !== 'person'
  const harmed = phase !== 'succeeded'
  return {
    outcome: phase,
    finishedAt: promotion.endedAt,
    changedAt: byData
      ? (run?.createdAt ?? release.createdAt)
      : (run?.code?.committedAt ?? run?.createdAt ?? release.createdAt),
    changedBy: byData ? 'data' : 'code',
    impairedAt: harmed ? (rollout.marks.firstCandidateErrorAt ?? rollout.marks.movedAt) : null,
    healthyAt: harmed ? rollout.marks.zeroTrafficAt : null,
    rework,
  }
}
