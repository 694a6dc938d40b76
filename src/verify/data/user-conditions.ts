// SQL that a person wrote into a check, looked at before it joins the pass of all checks: a mistake in one condition must
// cost only that check its answer.
import { type GuardedTables, quoteText } from '../../build/tables/duckdb.ts'
import { sentenceOf } from '../../foundation/errors.ts'
import { conditionsOf, type DataCheck } from './data-check.ts'
import { conditionSql } from './sql-values.ts'
import { withoutQuotes } from './without-quotes.ts'

/** A sentence, or undefined when all of the check's SQL can run. */
export async function faultOfConditions(
  tables: GuardedTables,
  check: DataCheck,
): Promise<string | undefined> {
  for (const condition of conditionsOf(check)) {
    const fault = await faultOfCondition(tables, condition)
    if (fault !== undefined) return `the condition "${condition}" cannot be asked: ${fault}`
  }
  if (check.rule !== 'matches') return undefined
  const tried = await told(() =>
    tables.query(`SELECT regexp_matches('', ${quoteText(check.pattern)})`),
  )
  return tried === undefined
    ? undefined
    : `the pattern "${check.pattern}" cannot be used: ${tried}; patterns are those of RE2, without look-around`
}

async function faultOfCondition(
  tables: GuardedTables,
  condition: string,
): Promise<string | undefined> {
  const bare = withoutQuotes(condition)
  if (bare === undefined) return 'a quote or a comment in it is never closed'
  if (bare.includes(';')) return 'a condition is one expression, without a semicolon'
  if (/\b(select|from)\b/i.test(bare)) return 'a condition is about one row; use sql: for a query'
  if (/\bover\s*\(/i.test(bare)) return 'a condition is about one row; use sql: for a window'
  if (!isBalanced(bare)) return 'its brackets do not match'
  return told(() => tables.requireSelect(`SELECT count_if${conditionSql(condition)} FROM this`))
}

/** A bracket that closes more than it opened would end the expression around it. */
function isBalanced(text: string): boolean {
  let depth = 0
  for (const mark of text) {
    if (mark === '(') depth++
    if (mark === ')') depth--
    if (depth < 0) return false
  }
  return depth === 0
}

async function told(ask: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await ask()
    return undefined
  } catch (error) {
    const [first = ''] = sentenceOf(error).split('\n')
    return first
      .replace(/^The query on the data cannot run: ([\w ]+ Error: )?/, '')
      .replace(/\.$/, '')
  }
}
