// Owner, runbook, monitor and a rehearsed rollback: facts of the project and of its records, not measurements.
import { formatDuration } from '../../../foundation/duration.ts'
import type { OperationStatistics } from '../../readiness/operation-statistics.ts'
import { type Judgement, mismatched } from '../check-result.ts'
import type { ReadinessCheckSpec } from '../check-spec.ts'

export function judgeOperation(spec: ReadinessCheckSpec, found: OperationStatistics): Judgement {
  switch (found.of) {
    case 'owner':
      return found.owner === null
        ? no('nobody owns the model: write model.owner in lockstep.yaml')
        : yes(`the model is owned by ${found.owner}`)
    case 'runbook':
      return judgeRunbook(found.runbook)
    case 'monitored':
      return spec.subject.what === 'monitored'
        ? judgeMonitored(spec.subject.environment, found)
        : mismatched(spec)
    case 'rehearsed':
      return spec.subject.what === 'rehearsed'
        ? judgeRehearsed(spec.subject, found)
        : mismatched(spec)
  }
}

type Of<W extends OperationStatistics['of']> = Extract<OperationStatistics, { of: W }>

function judgeRunbook(runbook: Of<'runbook'>['runbook']): Judgement {
  if (runbook === null)
    return no('no runbook is named: write model.runbook in lockstep.yaml, such as RUNBOOK.md')
  const { path, state } = runbook
  if (state === 'there') return yes(`the runbook is ${path}`)
  return no(
    state === 'empty'
      ? `the runbook ${path} is empty: say what to do when the model misbehaves`
      : `the runbook ${path} is not in the project`,
  )
}

function judgeMonitored(
  environment: string | null,
  { monitors, environments }: Of<'monitored'>,
): Judgement {
  if (environment !== null && !environments.includes(environment))
    return unknownEnvironment(environment, environments)
  const watching = monitors.filter(
    (monitor) => environment === null || monitor.environment === environment,
  )
  const [first] = watching
  if (first === undefined)
    return no(
      environment === null
        ? 'no environment has a monitor: add one under monitors: in lockstep.yaml'
        : `nothing watches ${environment}: add a monitor of that environment under monitors: in lockstep.yaml`,
    )
  const names = watching.map(({ name, environment: place }) => `${name} (${place})`)
  return yes(`watched by ${names.join(', ')}`)
}

function judgeRehearsed(
  { environment, withinMs }: { readonly environment: string; readonly withinMs: number | null },
  { rollback, environments, now }: Of<'rehearsed'>,
): Judgement {
  if (!environments.includes(environment)) return unknownEnvironment(environment, environments)
  const limit = withinMs === null ? '' : ` within ${formatDuration(withinMs)}`
  const how = `promote a release to ${environment}, go back with lockstep rollback, and run again`
  if (rollback === null)
    return no(`no rollback was ever done in ${environment}: rehearse one (${how})`)
  const age = Math.max(0, now - rollback.at)
  const done = `release ${rollback.release} in ${environment} ${formatDuration(age)} ago (${rollback.how === 'asked' ? 'asked for by a person' : 'by its rollout'})`
  return withinMs !== null && age > withinMs
    ? no(`the last rollback was of ${done}, required${limit}: rehearse one (${how})`)
    : yes(`a rollback was done: ${done}`)
}

function unknownEnvironment(environment: string, known: readonly string[]): Judgement {
  const because = `there is no environment ${environment} (declared: ${known.join(', ') || 'none'})`
  return { verdict: 'error', because, method: 'none' }
}

function yes(because: string): Judgement {
  return { verdict: 'pass', because, method: 'looked up' }
}

function no(because: string): Judgement {
  return { verdict: 'fail', because, method: 'looked up' }
}
