// Waivers of a project, read before anything starts: each must name a check that is declared and may be waived. Pure.
import type { WaiverSpec } from '../../project/gate-spec.ts'
import { didYouMean, type Problem } from '../../project/problems.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import { hasProblems } from './check-spec.ts'
import { familyOf } from './families.ts'
import { parseCheck } from './parse-check.ts'

export function waiverProblems(spec: ProjectSpec): Problem[] {
  const declared = declaredChecks(spec)
  return spec.waivers.flatMap((waiver) => problemOf(waiver, declared))
}

interface Declared {
  readonly ids: readonly string[]
  readonly isIntegrity: boolean
}

function problemOf({ check, by, position }: WaiverSpec, declared: readonly Declared[]): Problem[] {
  const at = position && { ...position, length: check.length }
  const found = declared.filter(({ ids }) => ids.includes(check))
  if (found.length === 0) {
    const ids = declared.flatMap((one) => one.ids.slice(0, 1))
    const near = didYouMean(check, ids)
    const hint = near ? `did you mean ${near}?` : `checks: ${ids.join(', ')}`
    return [{ message: `waivers: there is no check '${check}' to waive`, position: at, hint }]
  }
  if (!found.some(({ isIntegrity }) => isIntegrity)) return []
  const message = `waivers: ${check} guards the integrity of a release, which ${by} cannot waive`
  return [{ message, position: at, hint: 'remove the waiver, or the check' }]
}

function declaredChecks({ datasets, gates }: ProjectSpec): readonly Declared[] {
  const places = [
    ...datasets.map(({ name, checks }) => ({
      names: datasets.length === 1 ? ['data', `data.${name}`] : [`data.${name}`],
      checks,
    })),
    ...gates.map(({ name, checks }) => ({ names: [name], checks })),
  ]
  return places.flatMap(({ names, checks }) =>
    checks.flatMap(({ text, options }) => {
      const parsed = parseCheck(text, options)
      if (hasProblems(parsed)) return []
      const { id } = parsed
      return [
        {
          ids: [id, ...names.map((name) => `${name}/${id}`)],
          isIntegrity: familyOf(parsed.kind).isIntegrity === true,
        },
      ]
    }),
  )
}
