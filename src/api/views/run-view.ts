// Runs and releases as the wire shows them.
import type { Run, StepRecord } from '../../control/runs/run.ts'
import { isEnded, untraced } from '../../control/runs/run.ts'
import { compareMetrics } from '../../control/runs/run-metrics.ts'
import type { Promotion } from '../../deliver/promotions/promotion.ts'
import { type Instant, toIso } from '../../foundation/clock.ts'
import { isDigest } from '../../foundation/digest.ts'
import type { Release } from '../../release/release.ts'
import type { StepView } from '../contract/run-views.ts'
import type { ReleaseRefView, ReleaseView, RunView } from '../contract/views.ts'

export function isoOrNull(at: Instant | null | undefined): string | null {
  return at === null || at === undefined ? null : toIso(at)
}

export function releaseRef(release: Release): ReleaseRefView {
  return { id: release.id, number: release.number, alias: release.alias }
}

/** @param earlier runs before it, newest first, to compare its metrics with. */
export function runView(
  run: Run,
  releases: readonly Release[],
  earlier: readonly Run[] = [],
): RunView {
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
    steps: run.steps.map(stepView),
    metrics: compareMetrics(run.steps, earlier),
    gates: run.gates,
    release: release ? releaseRef(release) : null,
    sameAs: ended ? run.sameAs : null,
    createdAt: toIso(run.createdAt),
    finishedAt: ended ? toIso(run.finishedAt) : null,
    durationMs: ended ? run.finishedAt - run.createdAt : null,
  }
}

/** Runs of earlier versions have not every field. */
function stepView(step: StepRecord): StepView {
  const { name, verdict, because, startedAt, finishedAt, key } = step
  return {
    name,
    verdict,
    because,
    startedAt: isoOrNull(startedAt),
    durationMs: startedAt !== null && finishedAt !== null ? finishedAt - startedAt : null,
    key: key !== null && isDigest(key) ? key : null,
    declaredAs: step.declaredAs ?? name,
    attempt: step.attempt ?? 0,
    expectedMs: step.expectedMs ?? null,
    outputs: step.outputs ?? [],
    reads: step.reads ?? untraced,
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
    runNumber: run?.number ?? null,
    commit: run?.code?.commit ?? null,
    metrics: metricsOf(run),
    sealedAt: toIso(release.createdAt),
    undecided: release.clearance?.undecided ?? null,
    waivedBy: release.clearance?.waivedBy ?? [],
    environments,
  }
}

/** The estimates its gates were judged by. */
function metricsOf(run: Run | undefined): Record<string, number> {
  const checks = (run?.gates ?? [])
    .filter(({ name }) => !/^(data|between)(\.|$)/.test(name))
    .flatMap((gate) => gate.checks)
  const pairs = checks.flatMap((check) =>
    check.estimate === null ? [] : [[check.text, check.estimate] as const],
  )
  return Object.fromEntries(pairs)
}
