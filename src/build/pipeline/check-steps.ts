// Checks each declared step by itself and brings its paths to one spelling; every problem is reported, not just the first.
import type { Refusal } from '../../foundation/refusal.ts'
import { isRefusal, refuse } from '../../foundation/refusal.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import { isWithin, normalisePath } from '../artifacts/relative-path.ts'
import { isGlob } from './path-pattern.ts'

export interface CheckedSteps {
  readonly steps: readonly StepSpec[]
  readonly problems: readonly Refusal[]
}

export function checkSteps(declared: readonly StepSpec[]): CheckedSteps {
  const problems: Refusal[] = []
  const names = new Set<string>()
  const steps = declared.map((step) => {
    if (names.has(step.name)) {
      problems.push(refuse('step.duplicate', `two steps are named ${step.name}; names must differ`))
    }
    names.add(step.name)
    const checked = checkStep(step)
    problems.push(...checked.problems)
    return checked.step
  })
  return { steps, problems }
}

function checkStep(step: StepSpec): { step: StepSpec; problems: Refusal[] } {
  const problems: Refusal[] = []
  const say = (code: string, sentence: string) =>
    problems.push(refuse(code, `step ${step.name}: ${sentence}`))
  const clean = (paths: readonly string[]): string[] =>
    paths.flatMap((path) => {
      const plain = normalisePath(path)
      if (!isRefusal(plain)) return [plain]
      say(plain.refused, plain.because)
      return []
    })

  if (!/^[A-Za-z0-9][A-Za-z0-9._@=-]*$/.test(step.name)) {
    say('step.name', 'a name has letters, digits, dots, dashes, underscores, @ and = only')
  }
  const empty = 'argv' in step.command ? !step.command.argv[0] : step.command.shell.trim() === ''
  if (empty) say('step.no_command', 'it has no command; declare argv or shell')
  checkVariables(step, say)
  const outputs = clean(step.outputs)
  for (const path of outputs) {
    if (isGlob(path)) say('step.output_glob', `output ${path} is a glob; name files or folders`)
    if (isReserved(path))
      say('step.output_reserved', `output ${path} is a folder Lockstep or git own`)
    if (path === 'lockstep.yaml')
      say('step.output_reserved', `output ${path} is the file that declares it; name another`)
  }
  const params = step.params.flatMap(({ file, key }) => {
    if (!/\.(ya?ml|json|toml)$/i.test(file)) {
      say(
        'step.params_format',
        `parameters come from .yaml, .yml, .json or .toml, but ${file} is none of them`,
      )
    }
    return clean([file]).map((plain) => ({ file: plain, key }))
  })
  const metrics = clean(step.metrics)
  for (const path of metrics.filter((path) => !outputs.includes(path)))
    say('step.metrics', `metrics ${path} must be among its outputs`)
  const [folder = ''] =
    /^[./]*$/.test(step.folder) && !step.folder.includes('..') ? [] : clean([step.folder])
  const declaresLock = step.runtime !== null && step.inputs.includes(step.runtime.lock)
  const lock = step.runtime === null || declaresLock ? [] : clean([step.runtime.lock])
  const inputs = clean(step.inputs)
  for (const path of inputs.filter(isReserved))
    say('step.input_reserved', `input ${path} is in a folder Lockstep or git own; it never rests`)
  const runtime = step.runtime && {
    ...step.runtime,
    lock: declaresLock ? plainOf(step.runtime.lock) : (lock[0] ?? ''),
  }
  // The lock file is read whether declared or not: it decides what the step runs with.
  if (runtime !== null && runtime.lock !== '' && !inputs.includes(runtime.lock))
    inputs.push(runtime.lock)
  const paths = { inputs, outputs, metrics, params, folder, runtime }
  return { step: { ...step, ...paths }, problems }
}

/** A variable has one source: the file, the machine or a secret. */
function checkVariables(step: StepSpec, say: (code: string, sentence: string) => void): void {
  const names = [
    ...Object.keys(step.environment),
    ...step.inherits,
    ...step.secrets.map((secret) => secret.name),
  ]
  for (const [index, name] of names.entries()) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      say('step.environment', `${JSON.stringify(name)} is not the name of an environment variable`)
    else if (name.startsWith('LOCKSTEP_'))
      say('step.environment', `${name} is reserved; names with LOCKSTEP_ are set by Lockstep`)
    else if (names.indexOf(name) < index)
      say('step.environment', `${name} is declared twice; env, inherit_env and secrets must differ`)
  }
}

/** The path where it has been checked before. */
function plainOf(path: string): string {
  const plain = normalisePath(path)
  return isRefusal(plain) ? '' : plain
}

function isReserved(path: string): boolean {
  return isWithin(path, '.lockstep') || isWithin(path, '.git')
}
