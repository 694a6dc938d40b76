// Every check of a project, read before anything starts: lines that do not parse, stand in the wrong place, or name
// something that is not declared. Pure; the positions are those of lockstep.yaml.
import type { RawCheck } from '../../project/gate-spec.ts'
import { didYouMean, type Problem } from '../../project/problems.ts'
import type { ProjectSpec } from '../../project/project-spec.ts'
import { type CheckSpec, hasProblems } from './check-spec.ts'
import { parseCheck } from './parse-check.ts'

export function checkProblems(spec: ProjectSpec): Problem[] {
  const { groups } = spec.evaluate
  return [
    ...spec.datasets.flatMap(({ name, checks }) =>
      problemsIn(`data.${name}.checks`, checks, ofData),
    ),
    ...spec.gates.flatMap(({ name, checks }) =>
      problemsIn(`gates.${name}`, checks, (check) => ofModel(check, groups)),
    ),
  ]
}

type Complaint = Pick<Problem, 'message' | 'hint'>

function problemsIn(
  place: string,
  checks: readonly RawCheck[],
  judge: (check: CheckSpec) => Complaint | null,
): Problem[] {
  return checks.flatMap((raw): Problem[] => {
    const { text, options } = raw
    const parsed = parseCheck(text, options)
    if (hasProblems(parsed)) {
      return parsed.problems.map(({ message, hint, offset, length }) =>
        problemOf(raw, { message: `${place}: ${message}`, ...(hint ? { hint } : {}) }, [
          offset,
          length,
        ]),
      )
    }
    const wrong = judge(parsed)
    if (!wrong) return []
    const whole = [0, text.length] as const
    return [problemOf(raw, { ...wrong, message: `${place}: ${wrong.message}` }, whole)]
  })
}

function problemOf(
  { position }: RawCheck,
  complaint: Complaint,
  [offset, length]: readonly [number, number],
): Problem {
  if (!position) return { ...complaint, position: null }
  const { line, column } = position
  return { ...complaint, position: { line, column: column + offset, length } }
}

function ofData({ kind, text }: CheckSpec): Complaint | null {
  if (kind === 'data') return null
  return { message: `"${text}" is a check of a model`, hint: 'put it under gates' }
}

function ofModel(check: CheckSpec, groups: readonly string[]): Complaint | null {
  if (check.kind === 'data') {
    const message = `"${check.text}" is a check of data`
    return { message, hint: 'put it under the checks of a dataset: data.NAME.checks' }
  }
  const by = check.kind === 'gap' ? check.by : check.kind === 'metric' ? check.each : null
  if (by === null || groups.includes(by)) return null
  const near = didYouMean(by, groups)
  return {
    message: `${by} is not among evaluate.groups (${groups.join(', ') || 'none are declared'})`,
    hint: near ? `did you mean ${near}?` : `add ${by} to evaluate.groups`,
  }
}
