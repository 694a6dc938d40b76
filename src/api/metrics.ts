// Prometheus text (exposition format 0.0.4) of the control plane: what runs, what waits, what is stuck.
import type { StatusView } from './contract/views.ts'

interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export function metricsText(status: StatusView): string {
  const perEnvironment = (pick: (one: StatusView['environments'][number]) => number): Sample[] =>
    status.environments.map((one) => ({
      labels: { environment: one.name, model: status.model },
      value: pick(one),
    }))
  const one = (value: number): Sample[] => [{ labels: {}, value }]
  return [
    family('lockstep_up', 'gauge', '1 while the control plane runs', one(1)),
    family(
      'lockstep_stable_release',
      'gauge',
      'Number of the release that serves as stable, 0 for none',
      perEnvironment((env) => env.stable?.number ?? 0),
    ),
    family(
      'lockstep_candidate_share',
      'gauge',
      'Share of traffic that the candidate answers, 0 to 1',
      perEnvironment((env) => env.candidateBp / 10_000),
    ),
    family(
      'lockstep_replicas_ready',
      'gauge',
      'Replicas that are ready',
      perEnvironment((env) => env.replicas.filter((replica) => replica.phase === 'ready').length),
    ),
    family(
      'lockstep_held',
      'gauge',
      '1 while automatic promotion is held',
      perEnvironment((env) => (env.hold ? 1 : 0)),
    ),
    family(
      'lockstep_requests_total',
      'counter',
      'Requests the gateways have reported',
      perEnvironment((env) => env.traffic.requests),
    ),
    family(
      'lockstep_request_errors_total',
      'counter',
      'Of these, failed by the model or its replicas',
      perEnvironment((env) => env.traffic.errors),
    ),
    family(
      'lockstep_promotions_awaiting_approval',
      'gauge',
      'Promotions that wait for a person',
      one(status.waitingForApproval.length),
    ),
    family(
      'lockstep_rollouts_active',
      'gauge',
      'Rollouts under way',
      one(status.activeRollouts.length),
    ),
    family(
      'lockstep_alerts_open',
      'gauge',
      'Alerts that are not resolved',
      one(status.openAlerts.length),
    ),
    family(
      'lockstep_objects_stuck',
      'gauge',
      'Objects the loop could not move on; 0 when all is well',
      one(status.stuck.length),
    ),
  ].join('')
}

function family(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  samples: readonly Sample[],
): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
