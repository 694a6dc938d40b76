// Waivers of a project, read before anything starts: each must name a check that is declared and may be waived. Pure.
import type { WaiverSpec } from '../../../project/gate-spec.ts'
import { didYouMean, type Problem } from '../../../project/problems.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { hasProblems } from '../check-spec.ts'
import { familyOf } from '../families.ts'
import { numberedId } from '../judge-gates.ts'
import { parseCheck } from './parse-check.ts'
import { writtenCheck } from './written-check.ts'

export function waiverProblems(spec: ProjectSpec): Problem[] {
  const declared = declaredChecks(spec)
  return spec.waivers.flatMap((waiver) => problemOf(waiver, declared))
}

interface Declared {
  /** What a waiver may call it; the first is its id. */
  readonly ids: readonly string[]
  readonly written: string
  readonly isIntegrity: boolean
}

function problemOf({ check, by, position }: WaiverSpec, declared: readonly Declared[]): Problem[] {
  const at = position && { ...position, length: check.length }
  const found = declared.filter(({ ids }) => ids.includes(check))
  if (found.length === 0) {
    const ids = declared.flatMap((one) => one.ids.slice(0, 1))
    const near = didYouMean(check, [...ids, ...declared.map(({ written }) => written)])
    const hint = near ? `did you mean ${near}?` : `checks: ${ids.join(', ')}`
    return [{ message: `waivers: there is no check '${check}' to waive`, position: at, hint }]
  }
  if (found.length > 1) {
    const hint = `name one of them: ${found.map(({ ids }) => ids[2] ?? ids[0]).join(', ')}`
    const message = `waivers: '${check}' names ${found.length} checks, and a waiver is for one`
    return [{ message, position: at, hint }]
  }
  if (!found.some(({ isIntegrity }) => isIntegrity)) return []
  const message = `waivers: ${check} guards the integrity of a release, which ${by} cannot waive`
  return [{ message, position: at, hint: 'remove the waiver, or the check' }]
}

function declaredChecks({ datasets, between, gates }: ProjectSpec): readonly Declared[] {
  const sources = datasets.filter(({ madeBy }) => madeBy === null).length
  const places = [
    // As the run calls its gates: the one dataset that is there before it needs no name.
    ...datasets.map(({ name, madeBy, checks }) => ({
      names: [madeBy === null && sources === 1 ? 'data' : `data.${name}`],
      checks,
    })),
    { names: ['between'], checks: between },
    ...gates.map(({ name, checks }) => ({ names: [name], checks })),
  ]
  return places.flatMap(({ names, checks }) => {
    const seen = new Map<string, number>()
    return checks.flatMap((raw) => {
      const parsed = parseCheck(raw.text, raw.options)
      if (hasProblems(parsed)) return []
      const id = numberedId(parsed.id, seen)
      const written = writtenCheck(raw)
      return [
        {
          ids: [id, written, ...names.flatMap((name) => [`${name}/${id}`, `${name}/${written}`])],
          written,
          isIntegrity: familyOf(parsed.kind).isIntegrity === true,
        },
      ]
    })
  })
}
