// The declared pipeline → plain steps: defaults filled in, units in their base, foreach, matrix and seeds written out. Pure.

import { type Filling, fill, fillShell } from './fill-step.ts'
import { didYouMean, type Report } from './problems.ts'
import { bytesOf, ms } from './read-units.ts'
import { splitWords } from './split-words.ts'
import { copiesOf, copyCount, mostCopies } from './step-copies.ts'
import type { RawStep } from './step-schema.ts'
import type {
  ParameterSpec,
  ResourceSpec,
  RuntimeSpec,
  SecretSpec,
  StepCommand,
  StepSpec,
} from './step-spec.ts'

type Pools = Readonly<Record<string, number>>

export function resolveSteps(
  pipeline: Readonly<Record<string, RawStep>>,
  pools: Pools,
  report: Report,
): StepSpec[] {
  for (const name of ['cpu', 'memory'])
    if (Object.hasOwn(pools, name))
      report(['pools', name], `${name} is what every machine has; name the pool otherwise`)
  return Object.entries(pipeline).flatMap(([name, step]) => {
    const count = copyCount(step)
    if (count > mostCopies) {
      report(['pipeline', name], `it stands for ${count} steps; at most ${mostCopies} are allowed`)
      return []
    }
    const resources = resourcesOf(name, step, pools, report)
    // What is wrong with one copy is wrong with most: each place is told once.
    const told = new Set<string>()
    const once: Report = (path, message, hint) => {
      const place = path.join('\u0000')
      if (told.has(place)) return
      told.add(place)
      report(path, message, hint)
    }
    const steps = copiesOf(name, step).map((copy) => ({
      ...filled(name, step, { copy, report: once }),
      resources,
    }))
    checkCopies(name, step, steps, once)
    return steps
  })
}

function filled(declaredAs: string, step: RawStep, filling: Filling): Omit<StepSpec, 'resources'> {
  const { copy } = filling
  const at = (...path: readonly (string | number)[]) => ['pipeline', declaredAs, ...path]
  const each = (field: 'inputs' | 'params' | 'outputs' | 'metrics') =>
    step[field].map((text, index) => fill(filling, text, at(field, index)))
  const metrics = each('metrics')
  const outputs = each('outputs')
  const runtime = runtimeOf(step)
  return {
    name: copy.name,
    declaredAs,
    command: commandOf(declaredAs, step, filling),
    folder: fill(filling, step.folder ?? '', at('folder')),
    inputs: withLock(each('inputs'), runtime),
    params: each('params').map(parameterOf),
    outputs: [...outputs, ...metrics.filter((path) => !outputs.includes(path))],
    metrics,
    environment: Object.fromEntries(
      Object.entries(step.env).map(([name, text]) => [name, fill(filling, text, at('env', name))]),
    ),
    inherits: step.inherit_env,
    secrets: Object.entries(step.secrets).map(([name, text]) => secretOf(name, text)),
    runtime,
    timeoutMs: ms(step.timeout),
    retries: step.retries,
    backoffMs: ms(step.backoff),
    seed: copy.seed,
  }
}

function commandOf(name: string, step: RawStep, filling: Filling): StepCommand {
  const { run, shell } = step
  if (shell !== undefined) return { shell: fillShell(filling, shell, ['pipeline', name, 'shell']) }
  const path = ['pipeline', name, 'run']
  if (typeof run === 'object')
    return { argv: run.map((word, index) => fill(filling, word, [...path, index])) }
  // Split first: a value with blanks stays one word.
  const words = splitWords(run ?? '')
  if (words) return { argv: words.map((word) => fill(filling, word, path)) }
  filling.report(
    path,
    'a quotation mark is never closed',
    'close it, or use shell: for shell syntax',
  )
  return { argv: [] }
}

function parameterOf(text: string): ParameterSpec {
  const colon = text.indexOf(':')
  return colon < 0
    ? { file: text, key: '' }
    : { file: text.slice(0, colon), key: text.slice(colon + 1) }
}

function secretOf(name: string, text: string): SecretSpec {
  const place = text.slice(text.indexOf(':') + 1)
  return { name, from: text.startsWith('env:') ? { env: place } : { file: place } }
}

function runtimeOf({ environment }: RawStep): RuntimeSpec | null {
  if (environment === undefined) return null
  return 'python' in environment
    ? { kind: 'python', lock: environment.python }
    : { kind: 'node', lock: environment.node }
}

/** The lock file is an input whether declared or not: it decides what the step runs with. */
function withLock(inputs: readonly string[], runtime: RuntimeSpec | null): readonly string[] {
  return runtime === null || inputs.includes(runtime.lock) ? inputs : [...inputs, runtime.lock]
}

function resourcesOf(name: string, step: RawStep, pools: Pools, report: Report): ResourceSpec {
  const { cpu, memory, ...asked } = step.resources
  for (const [pool, units] of Object.entries(asked)) {
    const path = ['pipeline', name, 'resources', pool]
    const there = Object.hasOwn(pools, pool) ? pools[pool] : undefined
    if (there !== undefined) {
      if (units > there) report(path, `asks for ${units} of the pool ${pool}, which has ${there}`)
      continue
    }
    const known = ['cpu', 'memory', ...Object.keys(pools)]
    const guess = didYouMean(pool, known)
    report(
      path,
      `there is no pool '${pool}'; known: ${known.join(', ')}`,
      guess ? `did you mean '${guess}'?` : `declare it: pools: {${pool}: ${units}}`,
    )
  }
  return { cpu, memoryBytes: memory === undefined ? null : bytesOf(memory), pools: asked }
}

function checkCopies(
  name: string,
  step: RawStep,
  copies: readonly Pick<StepSpec, 'name' | 'outputs'>[],
  report: Report,
): void {
  const of = step.foreach ? 'foreach' : step.matrix ? 'matrix' : 'seeds'
  if (step.seeds !== undefined) {
    for (const field of ['outputs', 'metrics'] as const)
      for (const [index, path] of step[field].entries())
        if (!path.includes(`\${seed}`))
          report(
            ['pipeline', name, field, index],
            `every seed would write ${path}`,
            `put \${seed} into the path, such as model-\${seed}.onnx`,
          )
  }
  const names = new Set<string>()
  const writers = new Map<string, string>()
  for (const copy of copies) {
    if (names.has(copy.name)) report(['pipeline', name, of], `it gives ${copy.name} twice`)
    for (const path of names.has(copy.name) ? [] : copy.outputs) {
      const other = writers.get(path)
      const index = copy.outputs.indexOf(path)
      const field = index < step.outputs.length ? 'outputs' : 'metrics'
      if (other !== undefined && other !== copy.name)
        report(
          [
            'pipeline',
            name,
            field,
            index < step.outputs.length ? index : index - step.outputs.length,
          ],
          `${other} and ${copy.name} would both write ${path}`,
          `put ${example(step)} into the path`,
        )
      writers.set(path, copy.name)
    }
    names.add(copy.name)
  }
}

function example(step: RawStep): string {
  return step.foreach || step.matrix ? `\${key}` : `\${seed}`
}
