// The condition of a share: `label = 1`, `country in [US, CA]`.
import type { ShareCondition } from '../../data/data-check.ts'
import type { CheckProblems } from '../check-spec.ts'
import { type Piece, parseList, parseNumber, splitComparison, unquote } from './check-line.ts'
import { nameOf } from './parse-data-part.ts'
import { fail } from './parse-parts.ts'

export function parseConditionOf(argument: Piece): ShareCondition | CheckProblems {
  const compared = splitComparison(argument.text)
  if (compared !== undefined) {
    const column = nameOf(compared.left.text)
    const { op, right } = compared
    if (column !== undefined && right.text !== '')
      return { column, op, value: parseNumber(right.text) ?? unquote(right.text) }
  }
  const found = /^(.+?)\s+in\s+(\[.*\])$/s.exec(argument.text)
  const column = found === null ? undefined : nameOf(found[1] ?? '')
  const members = found === null ? undefined : parseList({ text: found[2] ?? '', offset: 0 })
  if (column !== undefined && members !== undefined && members.length > 0) {
    const values = members.map(({ text, isQuoted }) =>
      isQuoted ? text : (parseNumber(text) ?? text),
    )
    return { column, values }
  }
  const hint = 'Write share(label = 1), share(country in [US, CA]) or share("a > b and c < 3").'
  return fail(argument, `"${argument.text}" is not a condition`, hint)
}
