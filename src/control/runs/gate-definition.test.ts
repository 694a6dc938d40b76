import { expect, test } from 'vitest'
import { digestOfJson } from '../../foundation/digest.ts'
import { parseProject } from '../../project/parse-project.ts'
import { smallProject } from '../../project/sample-project.ts'
import { gateDefinition } from './resolve-inputs.ts'

function digestOf(project: string): string {
  const { spec, problems } = parseProject(project)
  if (spec === null) throw new Error(JSON.stringify(problems))
  return digestOfJson(gateDefinition(spec))
}

const gated = (line: string) => `${smallProject}gates:\n  quality:\n    - ${line}\n`
const monitors = 'monitors:\n  watch: {drift: {environment: staging, columns: [age]}}\n'

test('what decides a verdict is part of the definition: defaults, waivers, and how a check is written', () => {
  const one = gated('{roc_auc >= 0.8: {warn: 0.9}}')
  const others = [
    gated('roc_auc >= 0.8'),
    gated('{roc_auc >= 0.8: {warn: 0.95}}'),
    one.replace('gates:\n', 'gates:\n  defaults: {min_support: 50}\n'),
    one.replace('gates:\n', 'gates:\n  defaults: {on_insufficient: block}\n'),
    `${one}waivers: [{check: quality.roc_auc, until: 2030-01-01, by: olga, because: known}]\n`,
    one.replace('label: y', 'label: y, threshold: 0.4'),
  ]
  expect(new Set([one, ...others].map(digestOf)).size).toBe(1 + others.length)
  expect(digestOf(`# a remark\n${one}`)).toBe(digestOf(one))
})

test('monitors and environments are, where a check asks for them', () => {
  const asked = gated('monitored in staging')
  expect(digestOf(asked + monitors)).not.toBe(digestOf(asked))
  const other = gated('roc_auc >= 0.8')
  expect(digestOf(other + monitors)).toBe(digestOf(other))
})
