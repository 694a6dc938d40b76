// An environment, parsed → resolved: units, the strategy behind its short forms, and who must agree. Pure.
import type { EnvironmentSpec, StrategySpec } from './environment-spec.ts'
import type { RawProject, RawStrategy } from './lockstep-schema.ts'
import type { Report } from './problems.ts'
import { basisPoints, ms, shareOf } from './read-units.ts'

type RawEnvironment = RawProject['environments'][string]

export function resolveEnvironment(
  name: string,
  raw: RawEnvironment,
  report: Report,
): EnvironmentSpec {
  const strategy = resolveStrategy(raw.strategy)
  if (strategy.kind === 'canary') {
    const shares = strategy.steps.map((step) => step.shareBp)
    if (shares.some((share, i) => share <= (shares[i - 1] ?? 0) || share >= 10_000)) {
      const shown = shares.map((share) => `${share / 100}%`).join(', ')
      report(
        ['environments', name, 'strategy', 'canary', 'steps'],
        `shares must increase and stay below 100%; found ${shown}`,
      )
    }
  }
  raw.freezes.forEach((freeze, index) => {
    if (Date.parse(freeze.until) > Date.parse(freeze.from)) return
    report(
      ['environments', name, 'freezes', index],
      `a freeze must end after it begins; found ${freeze.from} to ${freeze.until}`,
    )
  })
  return {
    name,
    port: raw.port,
    replicas: raw.replicas,
    after: raw.after ?? null,
    soakMs: ms(raw.soak),
    delivery: raw.delivery,
    approval: approvalOf(raw),
    freezes: raw.freezes.map((freeze) => ({
      from: Date.parse(freeze.from),
      until: Date.parse(freeze.until),
      because: freeze.because,
    })),
    strategy,
    analysis: {
      alpha: raw.analysis.alpha,
      harmRatio: raw.analysis.harm_ratio,
      maxErrorRate: shareOf(raw.analysis.max_error_rate),
      minRequests: raw.analysis.min_requests,
      deadlineMs: ms(raw.analysis.deadline),
      onInsufficient: raw.analysis.on_insufficient,
    },
    promotionTtlMs: ms(raw.promotion_ttl),
  }
}

/** Manual delivery always asks for a person; without an approval block, one person who is not excluded. */
function approvalOf(raw: RawEnvironment): EnvironmentSpec['approval'] {
  if (raw.approval) {
    const { count, from, exclude, expires } = raw.approval
    return { count, from, exclude, expiresMs: ms(expires) }
  }
  if (raw.delivery === 'automatic') return null
  return {
    count: 1,
    from: [],
    exclude: ['requester', 'author', 'run_starter'],
    expiresMs: ms('3d'),
  }
}

function resolveStrategy(raw: RawStrategy): StrategySpec {
  if (raw === 'recreate') return { kind: 'recreate', bakeMs: ms('10s') }
  if (raw === 'blue_green') return { kind: 'blue_green', bakeMs: ms('1m') }
  if (raw === 'canary') {
    const steps = [1000, 5000].map((shareBp) => ({ shareBp, holdMs: ms('30s') }))
    return { kind: 'canary', shadow: null, steps, bakeMs: ms('1m') }
  }
  if ('recreate' in raw) return { kind: 'recreate', bakeMs: ms(raw.recreate.bake) }
  if ('blue_green' in raw) return { kind: 'blue_green', bakeMs: ms(raw.blue_green.bake) }
  const { shadow, steps, hold, bake } = raw.canary
  return {
    kind: 'canary',
    shadow: shadow ? { mirrorBp: basisPoints(shadow.mirror), holdMs: ms(shadow.hold) } : null,
    steps: steps.map((step) =>
      typeof step === 'object'
        ? { shareBp: basisPoints(step.share), holdMs: ms(step.hold) }
        : { shareBp: basisPoints(step), holdMs: ms(hold) },
    ),
    bakeMs: ms(bake),
  }
}
