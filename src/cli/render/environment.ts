// Environments: what each serves, how much of the traffic where, and whether it is held.
import type { EnvironmentView, ReplicaView } from '../../api/contract/views.ts'
import type { Paint } from './paint.ts'
import { indent, plural, table } from './text.ts'
import { ago } from './time.ts'
import { phaseWord, share } from './words.ts'

export function environmentLines(
  environments: readonly EnvironmentView[],
  paint: Paint,
  now: number,
): string[] {
  const rows = environments.map((environment) => [
    environment.name,
    phaseWord(environment.phase, paint),
    environment.stable ? String(environment.stable.number) : '-',
    environment.candidate ? candidateCell(environment) : '-',
    replicaCell(environment.replicas),
    environment.traffic.requests,
    environment.traffic.errors,
    environment.url,
  ])
  const header = [
    'environment',
    'phase',
    'serves',
    'candidate',
    'replicas',
    'requests',
    'errors',
    'address',
  ]
  return [
    ...table(header, rows),
    ...indent(environments.flatMap((one) => conditions(one, paint, now))),
  ]
}

function candidateCell({ candidate, candidateBp, mirrorBp }: EnvironmentView): string {
  const mirrored = mirrorBp > 0 ? `, mirrors ${share(mirrorBp)}` : ''
  return `${candidate?.number} at ${share(candidateBp)}${mirrored}`
}

function replicaCell(replicas: readonly ReplicaView[]): string {
  const ready = replicas.filter((replica) => replica.phase === 'ready').length
  const failed = replicas.filter((replica) => replica.phase === 'failed').length
  return `${ready}/${replicas.length} ready${failed > 0 ? `, ${failed} failed` : ''}`
}

function conditions(environment: EnvironmentView, paint: Paint, now: number): string[] {
  const lines: string[] = []
  const { hold, name, epoch, observedEpoch, replicas } = environment
  if (hold) {
    lines.push(
      `${paint.warn('!')} ${name} is held since ${ago(hold.since, now)} by ${hold.actor}: ${hold.because}`,
    )
  }
  if (observedEpoch !== null && observedEpoch < epoch) {
    lines.push(`${paint.active('▸')} ${name}: the gateway has routing ${observedEpoch} of ${epoch}`)
  }
  const restarts = replicas.reduce((sum, replica) => sum + replica.restarts, 0)
  if (restarts > 0) lines.push(`${paint.warn('!')} ${name}: ${plural(restarts, 'replica restart')}`)
  return lines
}
