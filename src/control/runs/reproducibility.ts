// What a run's records prove about rebuilding it: R1 when everything that went in is pinned and nothing else was seen to
// be read, else R0 with every reason. Pure. A rebuild earns higher levels; no record can.
import type { ProjectSpec } from '../../project/project-spec.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { ManifestReproducibility } from '../../release/manifest.ts'
import { type Run, type StepRecord, untraced } from './run.ts'

type Reason = ManifestReproducibility['reasons'][number]

type Facts = Pick<Run, 'code'> & {
  readonly steps: readonly Pick<StepRecord, 'name' | 'reads'>[]
}

export function assessReproducibility({
  run,
  spec,
}: {
  readonly run: Facts
  readonly spec: Pick<ProjectSpec, 'steps'>
}): ManifestReproducibility {
  const reasons = [...codeReasons(run), ...spec.steps.flatMap((step) => stepReasons(step, run))]
  return { level: reasons.length === 0 ? 'R1' : 'R0', reasons }
}

function codeReasons({ code }: Facts): Reason[] {
  if (code === null || code.commit === null)
    return [
      reason(
        'code-dirty',
        null,
        'the project is not in a git repository, so no commit names its code',
      ),
    ]
  if (!code.dirty) return []
  return [
    reason(
      'code-dirty',
      null,
      `the files differed from commit ${code.commit.slice(0, 9)}; they are kept with the release, but the commit alone does not give them back`,
    ),
  ]
}

function stepReasons(step: StepSpec, run: Facts): Reason[] {
  const { name } = step
  const say = (code: string, sentence: string) => reason(code, name, `step ${name} ${sentence}`)
  const reasons: Reason[] = []
  const isOurs = runsOnlyLockstep(step)
  if (!isOurs && step.runtime === null)
    reasons.push(
      say('env-unlocked', 'uses programs of the machine: give it an environment with a lock file'),
    )
  if (step.secrets.length > 0)
    reasons.push(
      say(
        'secret-dependent',
        `needs ${listed(step.secrets.map((one) => one.name))}, which no record holds`,
      ),
    )
  const addresses = addressesIn(step)
  if (addresses.length > 0)
    reasons.push(say('input-unpinned', `names ${listed(addresses)}, whose content is not pinned`))
  const reads = run.steps.find((one) => one.name === name)?.reads ?? untraced
  if (reads.undeclared.length > 0)
    reasons.push(say('undeclared-read', `read ${listed(reads.undeclared)} without declaring it`))
  else if (!reads.traced && !isOurs)
    reasons.push(
      say('reads-untraced', 'was not watched for undeclared reads: lockstep run --trace-reads'),
    )
  return reasons
}

/** Lockstep's own commands are pinned by its version, and read what their arguments name inside the work folder. */
function runsOnlyLockstep({ command }: StepSpec): boolean {
  if (!('argv' in command) || command.argv[0] !== 'lockstep') return false
  return command.argv.every((word) => !/(^|=)(\/|~)|(^|[/=])\.\.(\/|$)/.test(word))
}

/** Web and bucket addresses in the command line. */
function addressesIn({ command }: StepSpec): string[] {
  const text = 'argv' in command ? command.argv.join('\n') : command.shell
  return [...new Set(text.match(/\b(?:https?|ftp|s3|gs|az|abfss?|hdfs):\/\/[^\s'"`;|&)]+/g) ?? [])]
}

const mostListed = 3

function listed(items: readonly string[]): string {
  const more = items.length - mostListed
  return `${items.slice(0, mostListed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function reason(code: string, step: string | null, sentence: string): Reason {
  return { code, step, sentence }
}
