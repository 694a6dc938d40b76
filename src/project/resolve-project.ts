// Parsed → resolved: fills units and references, and reports every reference that points nowhere. Pure.
import { checkReferences } from './check-references.ts'
import type { RawLine } from './dataset-schema.ts'
import type { GateSpec, RawCheck } from './gate-spec.ts'
import type { RawProject } from './lockstep-schema.ts'
import type { Locate, Report } from './problems.ts'
import type { ProjectSpec } from './project-spec.ts'
import { rawChecks } from './raw-checks.ts'
import { ms, shareOf } from './read-units.ts'
import { resolveDataset } from './resolve-dataset.ts'
import { resolveEnvironment } from './resolve-environment.ts'
import { resolveEvaluate } from './resolve-evaluate.ts'
import { resolveSteps } from './resolve-steps.ts'
import type { MonitorSpec, TriggerSpec } from './watch-spec.ts'

export function resolveProject(raw: RawProject, report: Report, locate: Locate): ProjectSpec {
  const checksAt = (lines: readonly RawLine[], path: readonly (string | number)[]) =>
    lines.flatMap((line, index) => checkAt(line, [...path, index], report, locate))
  const { defaults, ...gates } = raw.gates
  const steps = resolveSteps(raw.pipeline, raw.pools, report)
  const spec: ProjectSpec = {
    project: raw.project,
    model: {
      name: raw.model.name,
      artifact: raw.model.artifact,
      owner: raw.model.owner ?? null,
      description: raw.model.description ?? null,
      runbook: raw.model.runbook ?? null,
    },
    datasets: Object.entries(raw.data).map(([name, dataset]) => ({
      ...resolveDataset(
        { name, raw: dataset, report, locate },
        checksAt(dataset.checks, ['data', name, 'checks']),
      ),
      madeBy: makerOf(dataset.path, steps),
    })),
    between: checksAt(raw.between, ['between']),
    steps,
    pools: raw.pools,
    evaluate: resolveEvaluate(raw.evaluate, report),
    gates: Object.entries(gates).map(
      ([name, lines]): GateSpec => ({ name, checks: checksAt(lines, ['gates', name]) }),
    ),
    gateDefaults: {
      confidence: defaults.confidence,
      power: defaults.power,
      minSupport: defaults.min_support,
      onInsufficient: defaults.on_insufficient,
      attempts: defaults.attempts,
    },
    waivers: raw.waivers.map((waiver, index) => ({
      ...waiver,
      // As authors and approvers are called: dana@example.org is the person dana.
      by: waiver.by.replace(/^person:/, '').replace(/@.*$/, ''),
      position: locate(['waivers', index, 'check']),
    })),
    environments: Object.entries(raw.environments).map(([name, one]) =>
      resolveEnvironment(name, one, report),
    ),
    monitors: Object.entries(raw.monitors).map(([name, one]) => resolveMonitor(name, one)),
    triggers: Object.entries(raw.triggers).map(([name, one]) => resolveTrigger(name, one)),
    release: raw.release,
    trust: raw.trust,
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

function checkAt(
  line: RawLine,
  path: readonly (string | number)[],
  report: Report,
  locate: Locate,
): RawCheck[] {
  const position = locate(path)
  const checks = rawChecks(line, position)
  if (checks.length !== 1)
    report(
      path,
      'a check in map form has exactly one key, the assertion; its value holds the options',
    )
  return checks
}

/** The step one of whose outputs a dataset is. */
function makerOf(path: string, steps: ProjectSpec['steps']): string | null {
  const plain = (one: string) => one.replace(/^(\.\/)+|\/+$/g, '')
  const maker = steps.find(({ outputs }) => outputs.some((output) => plain(output) === plain(path)))
  return maker?.name ?? null
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
