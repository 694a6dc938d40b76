// Checks in SQL: `sql "select …"` finds no rows; `sql "select …" <= 5` answers one number, `<= 5 rows` that many rows.
import { digestOf } from '../../../foundation/digest.ts'
import type { Limit } from '../../data/limit.ts'
import type { Op } from '../../statistics/verdict.ts'
import { type Piece, parseNumber, splitComparison } from './check-line.ts'
import { timeLimitOf } from './parse-data-options.ts'
import { dataPart, type ParsedData } from './parse-data-part.ts'
import { fail } from './parse-parts.ts'
import type { OptionReader } from './read-options.ts'

export interface SqlLimit {
  readonly op: Op
  readonly right: Piece
}

/** `left` is `sql "…"`; or `sql`, with its name in brackets or without, and the statement among the options. */
export function parseSqlCheck(
  left: Piece,
  limit: SqlLimit | undefined,
  read: OptionReader,
): ParsedData {
  const found = /^sql\s*(?:(["'])([\s\S]*)\1|\([^)]*\))?$/.exec(left.text)
  if (found === null) return undefined
  const sql = found[2] ?? read.text('sql')
  if (sql === null || sql.trim() === '')
    return fail(left, 'sql needs a statement', 'Write sql "select * from this where a > b".')
  const expected = expectedOf(limit, read, left)
  if ('problems' in expected) return expected
  const name = read.text('name')
  const timeLimitMs = timeLimitOf(read)
  const { expects, limits } = expected
  const [only] = limits
  const shown =
    only === undefined ? '' : ` ${only.op} ${only.value}${expects === 'rows' ? ' rows' : ''}`
  return dataPart(
    {
      rule: 'sql',
      sql: sql.trim(),
      expects,
      limits,
      timeLimitMs,
      ...(name === null ? {} : { name }),
    },
    `sql ${JSON.stringify(sql.trim())}${shown}`,
    `data.sql(${name ?? digestOf(sql.trim()).slice(-8)})`,
  )
}

interface Expected {
  readonly expects: 'rows' | 'value'
  readonly limits: readonly Limit[]
}

function expectedOf(limit: SqlLimit | undefined, read: OptionReader, at: Piece) {
  const option = read.has('expect') ? String(read.values('expect')[0] ?? '') : null
  if (limit !== undefined) return readLimit(limit.op, limit.right)
  if (option === null)
    return { expects: 'rows', limits: [{ op: '=', value: 0 }] } satisfies Expected
  const compared = splitComparison(option)
  const right = compared?.right ?? { text: option.trim(), offset: 0 }
  const parsed = readLimit(compared?.op ?? '=', right)
  return 'problems' in parsed ? fail(at, `expect "${option}" is not understood`, sqlHint) : parsed
}

const sqlHint =
  'Write 0 rows, <= 10 rows, or a comparison such as >= 0.9 for a query of one number.'

function readLimit(op: Op, right: Piece): Expected | ReturnType<typeof fail> {
  const found = /^(\S+?)\s*(rows?)?$/.exec(right.text)
  const value = parseNumber(found?.[1] ?? '')
  if (value === undefined) return fail(right, `"${right.text}" is not a number`, sqlHint)
  return { expects: found?.[2] === undefined ? 'value' : 'rows', limits: [{ op, value }] }
}
