// A rollout: how far the candidate is, what the analysis says, how fast harm was stopped.
import type { RolloutView } from '../../api/contract/views.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { Paint } from './paint.ts'
import { indent, plural, table } from './text.ts'
import { ago } from './time.ts'
import { phaseWord, releaseName, share } from './words.ts'

export function rolloutHeadline(rollout: RolloutView, paint: Paint): string {
  return `${paint.strong(`rollout ${rollout.number}`)}  ${releaseName(rollout.candidate)} → ${rollout.environment} by ${rollout.strategy}  ${phaseWord(rollout.phase, paint)}  ${paint.quiet(rollout.id)}`
}

export function rolloutReport(rollout: RolloutView, paint: Paint): string[] {
  const { analysis, timings } = rollout
  const lines = [
    `because ${rollout.because}`,
    ...(rollout.finishedAt === null
      ? [`traffic: ${share(rollout.candidateBp)} to the candidate${stepOf(rollout)}`]
      : []),
  ]
  if (analysis) {
    const { candidate, stable } = analysis
    lines.push(
      `analysis: ${analysis.verdict}; candidate ${plural(candidate.errors, 'error')} in ${plural(candidate.requests, 'request')}, stable ${plural(stable.errors, 'error')} in ${plural(stable.requests, 'request')}`,
      ...indent(analysis.sentences.slice(0, 4)),
    )
  }
  if (timings.firstErrorToZeroTrafficMs !== null) {
    lines.push(
      `from the first bad answer to zero candidate traffic: ${formatDuration(timings.firstErrorToZeroTrafficMs)}`,
    )
  }
  return [rolloutHeadline(rollout, paint), ...indent(lines)]
}

/** One line that changes only when something did: printed once per change off a terminal. */
export function rolloutChange(rollout: RolloutView, paint: Paint): string {
  const { phase, candidate, candidateBp, because } = rollout
  // Once it is over the candidate is stable or gone: its share says nothing any more.
  const traffic =
    rollout.finishedAt === null
      ? `${share(candidateBp)} to ${releaseName(candidate)}${stepOf(rollout)}  `
      : ''
  return `${phaseWord(phase, paint)}  ${traffic}${because}`.trimEnd()
}

export function rolloutProgress(rollout: RolloutView, paint: Paint): string {
  const seen = rollout.analysis?.candidate
  const counts = seen
    ? `  ${plural(seen.requests, 'request')}, ${plural(seen.errors, 'error')}`
    : ''
  const { environment, candidateBp } = rollout
  const bar = '█'.repeat(Math.round(candidateBp / 1000)).padEnd(10, '░')
  return `${environment} ${paint.active(bar)} ${share(candidateBp)}${stepOf(rollout)}  ${rollout.phase.replaceAll('_', ' ')}${counts}`
}

/** The view counts steps from 0, people from 1. */
function stepOf(rollout: RolloutView): string {
  const { step, steps } = rollout
  return step === null || steps === 0 || rollout.finishedAt !== null
    ? ''
    : `, step ${step + 1} of ${steps}`
}

export function rolloutTable(
  rollouts: readonly RolloutView[],
  paint: Paint,
  now: number,
): string[] {
  return table(
    ['rollout', 'release', 'environment', 'strategy', 'phase', 'traffic', 'started', 'id'],
    rollouts.map((rollout) => [
      String(rollout.number),
      releaseName(rollout.candidate),
      rollout.environment,
      rollout.strategy,
      phaseWord(rollout.phase, paint),
      share(rollout.candidateBp),
      ago(rollout.createdAt, now),
      rollout.id,
    ]),
  )
}
