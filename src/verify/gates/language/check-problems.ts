// Every check of a project, read before anything starts: lines that do not parse, stand in the wrong place, or name
// something that is not declared. Pure; the positions are those of lockstep.yaml.
import type { RawCheck } from '../../../project/gate-spec.ts'
import { didYouMean, type Problem } from '../../../project/problems.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { groupColumn } from '../../fairness/binned-groups.ts'
import { parseSlice } from '../../fairness/slice-declaration.ts'
import { type CheckSpec, hasProblems } from '../check-spec.ts'
import { declaredSlices } from '../judging/measure-metric.ts'
import { waiverProblems } from './check-waivers.ts'
import { parseCheck } from './parse-check.ts'

export function checkProblems(spec: ProjectSpec): Problem[] {
  const { groups, slices } = spec.evaluate
  const named = [...groups, ...slices]
  return [
    ...spec.datasets.flatMap(({ name, checks }) =>
      problemsIn(`data.${name}.checks`, checks, ofData),
    ),
    ...problemsIn('between', spec.between, (check) =>
      ofBetween(
        check,
        spec.datasets.map(({ name }) => name),
      ),
    ),
    ...spec.gates.flatMap(({ name, checks }) =>
      problemsIn(`gates.${name}`, checks, (check) => ofModel(check, named)),
    ),
    ...waiverProblems(spec),
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
  if (kind === 'between')
    return { message: `"${text}" is a check of two datasets`, hint: 'put it under between' }
  return { message: `"${text}" is a check of a model`, hint: 'put it under gates' }
}

function ofBetween(check: CheckSpec, datasets: readonly string[]): Complaint | null {
  if (check.kind !== 'between') {
    const where = check.kind === 'data' ? 'the checks of a dataset: data.NAME.checks' : 'gates'
    return { message: `"${check.text}" is no check of two datasets`, hint: `put it under ${where}` }
  }
  const { left, right } = check.check
  const stranger = [left, right].find((name) => !datasets.includes(name))
  if (stranger === undefined) return null
  const near = didYouMean(stranger, datasets)
  return {
    message: `there is no dataset ${stranger} (${datasets.join(', ') || 'none are declared'})`,
    hint: near
      ? `did you mean ${near}?`
      : 'declare it under data; its path may be a file some step makes',
  }
}

function ofModel(check: CheckSpec, groups: readonly string[]): Complaint | null {
  if (check.kind === 'data') {
    const message = `"${check.text}" is a check of data`
    return { message, hint: 'put it under the checks of a dataset: data.NAME.checks' }
  }
  if (check.kind === 'between')
    return { message: `"${check.text}" is a check of two datasets`, hint: 'put it under between' }
  const by = columnsOf(check).find((column) => !groups.includes(column))
  if (by === undefined) return null
  const near = didYouMean(by, groups)
  return {
    message: `${by} is not among evaluate.groups (${groups.join(', ') || 'none are declared'})`,
    hint: near ? `did you mean ${near}?` : `add ${by} to evaluate.groups`,
  }
}

/** The columns that say which group a row belongs to. */
function columnsOf(check: CheckSpec): readonly string[] {
  if (check.kind === 'gap') return [...check.by, ...check.given].map(groupColumn)
  return check.kind === 'metric' ? (check.each ?? []).flatMap(columnsWithSlices) : []
}

/** Of `plan` and `plan x region`, which list what a column holds; `tenure < 6` names its rows itself, any column will do. */
function columnsWithSlices(slice: string): readonly string[] {
  const parsed = parseSlice(slice)
  if (slice === declaredSlices || 'message' in parsed) return []
  return parsed.terms.flatMap((term) => (term.kind === 'values' ? [term.column.name] : []))
}
