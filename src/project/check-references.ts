// What a resolved project points at must exist, once: steps, datasets, environments, ports, monitors, times. Pure.
import { checkEvaluate } from './check-evaluate.ts'
import type { EnvironmentSpec } from './environment-spec.ts'
import { didYouMean, type Report } from './problems.ts'
import type { ProjectSpec } from './project-spec.ts'
import { scheduleProblem } from './schedule.ts'

export function checkReferences(spec: ProjectSpec, report: Report): void {
  for (const { name } of spec.gates)
    if (!/^[a-z][a-z0-9_-]*$/.test(name))
      report(
        ['gates', name],
        `'${name}' is no name of a gate`,
        'use lower-case letters, digits, - and _',
      )
  const mustBe = nameChecker(report)
  const outputs = spec.steps.flatMap((step) => step.outputs)
  mustBe(['model', 'artifact'], spec.model.artifact, outputs, 'step output')
  const readable = [...spec.datasets.map((dataset) => dataset.name), ...outputs]
  checkEvaluate(spec, readable, report, mustBe)
  for (const { name, path } of spec.datasets) {
    const wrong = outsideProject(path)
    if (wrong) report(['data', name, 'path'], ...wrong)
  }
  checkEnvironments(spec, report)
  const environments = spec.environments.map((one) => one.name)
  for (const { name, environment } of spec.monitors)
    mustBe(['monitors', name, 'drift', 'environment'], environment, environments, 'environment')
  const monitors = spec.monitors.map((one) => one.name)
  for (const { name, on } of spec.triggers) {
    const path = ['triggers', name, 'on']
    if (on.kind === 'alert') mustBe([...path, 'alert'], on.monitor, monitors, 'monitor')
    const wrong = on.kind === 'schedule' ? scheduleProblem(on.cron, on.timeZone) : null
    if (wrong) report([...path, wrong.at], wrong.message)
  }
}

/** A dataset is pinned with the project, so it lies in the project, and not among what Lockstep or git write there. */
function outsideProject(path: string): readonly [message: string, hint: string] | null {
  const hint = 'put the data into a folder of the project, such as data/'
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (/^(\/|[A-Za-z]:[\\/])/.test(path))
    return [`${path} is absolute; write it relative to the project`, hint]
  if (parts.includes('..')) return [`${path} leaves the project with '..'`, hint]
  if (parts.length === 0) return [`${path} is the project folder itself`, hint]
  if (parts[0] === '.lockstep' || parts[0] === '.git')
    return [`${path} is a folder Lockstep or git own`, hint]
  return null
}

function checkEnvironments({ environments, control }: ProjectSpec, report: Report): void {
  const mustBe = nameChecker(report)
  const ports = new Map([[control.port, 'the control plane (control.port)']])
  for (const { name, after, port } of environments) {
    const path = ['environments', name]
    const others = environments.map((other) => other.name).filter((other) => other !== name)
    if (after !== null) mustBe([...path, 'after'], after, others, 'other environment')
    const owner = ports.get(port)
    if (owner) report([...path, 'port'], `port ${port} is taken by ${owner}`)
    ports.set(port, `environment '${name}'`)
    const circle = circleFrom(name, environments)
    if (circle)
      report([...path, 'after'], `${circle.join(' → ')} is a circle: no release ever gets there`)
  }
}

/** From `name` along `after` back to it; answered once, for the alphabetically first of the circle. */
function circleFrom(name: string, environments: readonly EnvironmentSpec[]): string[] | null {
  const path = [name]
  for (;;) {
    const next = environments.find((one) => one.name === path.at(-1))?.after
    if (next === undefined || next === null) return null
    if (next === name) {
      const isFirst = path.length > 1 && path.every((one) => one >= name)
      return isFirst ? [...path, name] : null
    }
    if (path.includes(next)) return null
    path.push(next)
  }
}

function nameChecker(report: Report) {
  return (path: readonly string[], word: string, choices: readonly string[], what: string) => {
    if (choices.includes(word)) return
    const guess = didYouMean(word, choices)
    const allowed = choices.length > 0 ? `known: ${choices.join(', ')}` : `there is no ${what} yet`
    report(path, `there is no ${what} '${word}'; ${allowed}`, guess && `did you mean '${guess}'?`)
  }
}
