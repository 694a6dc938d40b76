// Runs and releases as the wire shows them.
import type { Run } from '../../control/runs/run.ts'
import { isEnded } from '../../control/runs/run.ts'
import type { Promotion } from '../../deliver/promotions/promotion.ts'
import { type Instant, toIso } from '../../foundation/clock.ts'
import { isDigest } from '../../foundation/digest.ts'
import type { Release } from '../../release/release.ts'
import type { ReleaseRefView, ReleaseView, RunView } from '../contract/views.ts'

export function isoOrNull(at: Instant | null | undefined): string | null {
  return at === null || at === undefined ? null : toIso(at)
}

export function releaseRef(release: Release): ReleaseRefView {
  return { id: release.id, number: release.number, alias: release.alias }
}

export function runView(run: Run, releases: readonly Release[]): RunView {
  const ended = isEnded(run)
  const releaseId = ended ? run.releaseId : null
  const release = releases.find((one) => one.id === releaseId)
  return {
    id: run.id,
    number: run.number,
    phase: run.phase,
    because: run.because,
    startedBy: run.startedBy,
    trigger: run.trigger,
    commit: run.code?.commit ?? null,
    steps: run.steps.map((step) => ({
      name: step.name,
      verdict: step.verdict,
      because: step.because,
      startedAt: isoOrNull(step.startedAt),
      durationMs:
        step.startedAt !== null && step.finishedAt !== null
          ? step.finishedAt - step.startedAt
          : null,
      key: step.key !== null && isDigest(step.key) ? step.key : null,
    })),
    gates: run.gates,
    release: release ? releaseRef(release) : null,
    sameAs: ended ? run.sameAs : null,
    createdAt: toIso(run.createdAt),
    finishedAt: ended ? toIso(run.finishedAt) : null,
    durationMs: ended ? run.finishedAt - run.createdAt : null,
  }
}

export function releaseView(
  release: Release,
  run: Run | undefined,
  promotions: readonly Promotion[],
): ReleaseView {
  const own = promotions.filter((promotion) => promotion.release.releaseId === release.id)
  // Newest first, so the earliest entry per environment wins.
  const environments: Record<string, string> = {}
  for (const promotion of own) environments[promotion.environment] ??= promotion.phase
  return {
    ...releaseRef(release),
    phase: release.phase,
    digest: release.digest,
    modelDigest: release.modelDigest,
    runId: release.runId,
    runNumber: run?.number ?? 0,
    commit: run?.code?.commit ?? null,
    metrics: metricsOf(run),
    sealedAt: toIso(release.createdAt),
    environments,
  }
}

/** The estimates its gates were judged by. */
function metricsOf(run: Run | undefined): Record<string, number> {
  const checks = (run?.gates ?? [])
    .filter((gate) => gate.name !== 'data')
    .flatMap((gate) => gate.checks)
  const pairs = checks.flatMap((check) =>
    check.estimate === null ? [] : [[check.text, check.estimate] as const],
  )
  return Object.fromEntries(pairs)
}
