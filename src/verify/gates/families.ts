// Every family of checks, in the order in which they are asked whether a line is theirs.
import type { CheckFamily } from './check-family.ts'
import type { CheckSpec } from './check-spec.ts'
import { betweenFamily } from './families/between.ts'
import { dataFamily } from './families/data.ts'
import { dropFamily } from './families/drop.ts'
import { gapFamily } from './families/gap.ts'
import { metricFamily } from './families/metric.ts'
import { readinessFamily } from './families/readiness.ts'
import { recipeFamily } from './families/recipe.ts'
import { securityFamily } from './families/security.ts'
import { testsFamily } from './families/tests.ts'

type Kind = CheckSpec['kind']
type SpecOf<K extends Kind> = Extract<CheckSpec, { kind: K }>

const families: { readonly [K in Kind]: CheckFamily<SpecOf<K>> } = {
  // Before data, whose `column in [...]` would take `monitored in production`.
  readiness: readinessFamily,
  // Before data, whose columns may have a mean too: a step and its metric are told by the colon.
  recipe: recipeFamily,
  security: securityFamily,
  tests: testsFamily,
  data: dataFamily,
  between: betweenFamily,
  drop: dropFamily,
  gap: gapFamily,
  metric: metricFamily,
}

export const familiesInOrder: readonly CheckFamily<CheckSpec>[] = Object.values(families)

export function familyOf<K extends Kind>(kind: K): CheckFamily<SpecOf<K>> {
  return families[kind]
}
