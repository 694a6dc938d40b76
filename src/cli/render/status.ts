// The whole project on one screen: what serves where, what moves, what waits for whom, what to type next.
import type { StatusView } from '../../api/contract/views.ts'
import { environmentLines } from './environment.ts'
import { gateLines } from './gates.ts'
import type { Paint } from './paint.ts'
import { afterPromotion, promotionHeadline } from './promotion.ts'
import { rolloutChange } from './rollout.ts'
import { outcomeLine, runHeadline } from './run.ts'
import { indent } from './text.ts'
import { ago } from './time.ts'
import { releaseName } from './words.ts'

export function statusReport(status: StatusView, paint: Paint, now: number): string[] {
  const { control, latestRun } = status
  const address = control.url ? `, ${control.url}` : ''
  const lines = [
    `${paint.strong(status.project)}  model ${status.model}  ${paint.quiet(`control plane started ${ago(control.since, now)}${address}`)}`,
    '',
    ...environmentLines(status.environments, paint, now),
  ]
  if (latestRun) {
    const broken = latestRun.gates.filter((gate) => gate.verdict !== 'pass')
    lines.push(
      '',
      runHeadline(latestRun, paint),
      ...indent([...gateLines(broken, paint), outcomeLine(latestRun, paint)]),
    )
  }
  const newest = status.releases[0]
  if (newest) lines.push('', `newest: ${releaseName(newest)}, sealed ${ago(newest.sealedAt, now)}`)
  lines.push(...attention(status, paint, now))
  return [...lines, '', nextCommand(status)]
}

function attention(status: StatusView, paint: Paint, now: number): string[] {
  const sections: [string, string[]][] = [
    [
      'moving now',
      status.activeRollouts.map(
        (rollout) => `${rollout.environment}: ${rolloutChange(rollout, paint)}`,
      ),
    ],
    [
      'waits for a person',
      status.waitingForApproval.map((promotion) => promotionHeadline(promotion, paint)),
    ],
    [
      'alerts',
      status.openAlerts.map(
        (alert) =>
          `${paint.bad('✗')} ${alert.monitor} in ${alert.environment}, ${ago(alert.firedAt, now)}: ${alert.because}`,
      ),
    ],
    [
      'stuck',
      status.stuck.map((stuck) => `${paint.bad('✗')} ${stuck.kind} ${stuck.id}: ${stuck.because}`),
    ],
  ]
  return sections.flatMap(([title, lines]) =>
    lines.length > 0 ? ['', paint.strong(title), ...indent(lines)] : [],
  )
}

function nextCommand(status: StatusView): string {
  const [waiting] = status.waitingForApproval
  if (waiting) return afterPromotion(waiting)
  const [rollout] = status.activeRollouts
  if (rollout) return `next: lockstep rollout ${rollout.id}`
  const [alert] = status.openAlerts
  if (alert) return `next: lockstep why alert ${alert.id}`
  if (!status.latestRun) return 'next: lockstep run'
  const [newest] = status.releases
  if (!newest) return `next: lockstep why run ${status.latestRun.number}`
  const behind = status.environments.find(
    (environment) => environment.stable?.number !== newest.number,
  )
  if (behind) return `next: lockstep why release ${newest.number} ${behind.name}`
  return 'next: lockstep run after a change, lockstep events for the history'
}
