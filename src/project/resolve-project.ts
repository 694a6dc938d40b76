// Parsed → resolved: fills units and references, and reports every reference that points nowhere. Pure.
import { parseDuration } from '../foundation/duration.ts'
import type { EnvironmentSpec, StrategySpec } from './environment-spec.ts'
import type { GateSpec, RawCheck } from './gate-spec.ts'
import type { RawCheckLine, RawProject, RawStrategy } from './lockstep-schema.ts'
import { didYouMean } from './problems.ts'
import type { ProjectSpec } from './project-spec.ts'
import type { ParameterSpec, StepCommand, StepSpec } from './step-spec.ts'
import type { MonitorSpec, TriggerSpec } from './watch-spec.ts'

/** Reports a problem at a path of the document, e.g. ['environments', 'production', 'after']. */
export type Report = (path: readonly (string | number)[], message: string, hint?: string) => void
/** Where a path stands in the text. */
export type Locate = (
  path: readonly (string | number)[],
) => { readonly line: number; readonly column: number } | null

export function resolveProject(raw: RawProject, report: Report, locate: Locate): ProjectSpec {
  const checksAt = (lines: readonly RawCheckLine[], path: readonly (string | number)[]) =>
    lines.flatMap((line, index) => rawChecks(line, [...path, index], report, locate))
  const spec: ProjectSpec = {
    project: raw.project,
    model: {
      name: raw.model.name,
      artifact: raw.model.artifact,
      owner: raw.model.owner ?? null,
      description: raw.model.description ?? null,
    },
    datasets: Object.entries(raw.data).map(([name, dataset]) => ({
      name,
      path: dataset.path,
      checks: checksAt(dataset.checks, ['data', name, 'checks']),
    })),
    steps: Object.entries(raw.pipeline).map(([name, step]) => resolveStep(name, step, report)),
    evaluate: { ...raw.evaluate, score: raw.evaluate.score ?? null },
    gates: Object.entries(raw.gates).map(
      ([name, lines]): GateSpec => ({ name, checks: checksAt(lines, ['gates', name]) }),
    ),
    environments: Object.entries(raw.environments).map(([name, one]) =>
      resolveEnvironment(name, one, report),
    ),
    monitors: Object.entries(raw.monitors).map(([name, one]) => resolveMonitor(name, one)),
    triggers: Object.entries(raw.triggers).map(([name, one]) => resolveTrigger(name, one)),
    control: raw.control,
    gateway: {
      host: raw.gateway.host,
      workers: raw.gateway.workers,
      captureRate: shareOf(raw.gateway.capture),
    },
  }
  checkReferences(spec, report)
  return spec
}

function rawChecks(
  line: RawCheckLine,
  path: readonly (string | number)[],
  report: Report,
  locate: Locate,
): RawCheck[] {
  const position = locate(path)
  if (typeof line === 'string') return [{ text: line, options: {}, position }]
  const entries = Object.entries(line)
  if (entries.length !== 1)
    report(
      path,
      'a check in map form has exactly one key, the assertion; its value holds the options',
    )
  return entries.map(([text, options]) => ({ text, options, position }))
}

type RawStep = RawProject['pipeline'][string]

function resolveStep(name: string, step: RawStep, report: Report): StepSpec {
  return {
    name,
    command: commandOf(name, step, report),
    inputs: step.inputs,
    params: step.params.map(parameterOf),
    outputs: step.outputs,
    environment: step.env,
    timeoutMs: ms(step.timeout),
    retries: step.retries,
    seed: step.seed,
  }
}

function commandOf(name: string, step: RawStep, report: Report): StepCommand {
  if (step.shell !== undefined) return { shell: step.shell }
  const argv = splitWords(step.run ?? '')
  if (argv) return { argv }
  report(
    ['pipeline', name, 'run'],
    'a quotation mark is never closed',
    'close it, or use shell: for shell syntax',
  )
  return { argv: [] }
}

/** Words by blanks; '…' and "…" keep blanks; a backslash outside single quotes keeps the next character. No expansion. */
export function splitWords(line: string): string[] | null {
  const words: string[] = []
  const pattern = /\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)\s*/gy
  let end = 0
  for (const match of line.matchAll(pattern)) {
    end = match.index + match[0].length
    const word = (match[1] ?? '').replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
      (_, single, double, plain) =>
        single ?? (double !== undefined ? String(double).replace(/\\(["\\])/g, '$1') : plain),
    )
    words.push(word)
  }
  return end === line.length || line.trim() === '' ? words : null
}

function parameterOf(text: string): ParameterSpec {
  const colon = text.indexOf(':')
  return colon < 0
    ? { file: text, key: '' }
    : { file: text.slice(0, colon), key: text.slice(colon + 1) }
}

type RawEnvironment = RawProject['environments'][string]

function resolveEnvironment(name: string, raw: RawEnvironment, report: Report): EnvironmentSpec {
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

function resolveMonitor(name: string, raw: RawProject['monitors'][string]): MonitorSpec {
  const { environment, columns, min_rows, every, window, psi, false_discovery, persistence } =
    raw.drift
  return {
    name,
    kind: 'drift',
    environment,
    columns,
    minRows: min_rows,
    everyMs: ms(every),
    windowMs: ms(window),
    psi,
    falseDiscovery: false_discovery,
    persistence,
  }
}

function resolveTrigger(name: string, raw: RawProject['triggers'][string]): TriggerSpec {
  const on: TriggerSpec['on'] =
    'alert' in raw.on
      ? { kind: 'alert', monitor: raw.on.alert }
      : 'schedule' in raw.on
        ? { kind: 'schedule', cron: raw.on.schedule, timeZone: raw.on.time_zone }
        : { kind: 'data' }
  return { name, on, cooldownMs: ms(raw.cooldown), maxPerDay: raw.max_per_day }
}

function checkReferences(spec: ProjectSpec, report: Report): void {
  const environments = spec.environments.map((one) => one.name)
  const outputs = spec.steps.flatMap((step) => step.outputs)
  const monitors = spec.monitors.map((one) => one.name)
  const mustBe = (
    path: readonly string[],
    word: string,
    choices: readonly string[],
    what: string,
  ) => {
    if (choices.includes(word)) return
    const guess = didYouMean(word, choices)
    const allowed = choices.length > 0 ? `known: ${choices.join(', ')}` : `there is no ${what} yet`
    report(path, `there is no ${what} '${word}'; ${allowed}`, guess && `did you mean '${guess}'?`)
  }
  mustBe(['model', 'artifact'], spec.model.artifact, outputs, 'step output')
  const datasets = spec.datasets.map((dataset) => dataset.name)
  mustBe(
    ['evaluate', 'data'],
    spec.evaluate.data,
    [...datasets, ...outputs],
    'dataset or step output',
  )
  for (const environment of spec.environments) {
    if (environment.after !== null) {
      const others = environments.filter((name) => name !== environment.name)
      mustBe(
        ['environments', environment.name, 'after'],
        environment.after,
        others,
        'other environment',
      )
    }
    const twin = spec.environments.find((other) => other.port === environment.port)
    if (twin && twin !== environment) {
      report(
        ['environments', environment.name, 'port'],
        `port ${environment.port} is taken by environment '${twin.name}'`,
      )
    }
  }
  for (const monitor of spec.monitors) {
    mustBe(
      ['monitors', monitor.name, 'drift', 'environment'],
      monitor.environment,
      environments,
      'environment',
    )
  }
  for (const trigger of spec.triggers) {
    if (trigger.on.kind === 'alert')
      mustBe(['triggers', trigger.name, 'on', 'alert'], trigger.on.monitor, monitors, 'monitor')
  }
}

/** The schema has checked the form already. */
function ms(text: string): number {
  return parseDuration(text) ?? 0
}

function shareOf(raw: string | number): number {
  return typeof raw === 'number' ? raw : Number(raw.slice(0, -1)) / 100
}

function basisPoints(raw: string | number): number {
  return Math.round(shareOf(raw) * 10_000)
}
