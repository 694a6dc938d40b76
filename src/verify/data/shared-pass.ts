// The one pass that the cheap aggregates of all checks share. Where the least and the greatest value of a column decide what several
// checks ask of it, they are asked instead; a second pass counts only in the columns where they do not.
import type { Tables } from '../../build/tables/duckdb.ts'
import { isLockstepError } from '../../foundation/errors.ts'
import type { CheckPlan, Foreseen } from './check-plan.ts'
import { sentenceWithHint } from './sentence-with-hint.ts'

export interface PassValues {
  /** The values of each plan, or the sentence of what went wrong with it. */
  readonly of: readonly (readonly unknown[] | string)[]
  /** The pass as a whole did not work at first. */
  readonly broken: boolean
}

interface PassSettings {
  /** Whether bounds may stand for counts, at the price of a second pass where they do not decide. */
  readonly foresee: boolean
}

/** One pass for all; when it breaks (a number out of range), by halves, so that only the checks at fault have no answer. */
export async function evaluateTogether(
  tables: Tables,
  plans: readonly CheckPlan[],
  settings: PassSettings,
): Promise<PassValues> {
  try {
    return { of: await evaluate(tables, plans, settings), broken: false }
  } catch (error) {
    if (!mayBeOneCheck(error) || plans.length === 1) {
      const because = sentenceWithHint(error)
      return {
        of: plans.map(({ expressions }) => (expressions.length === 0 ? [] : because)),
        broken: true,
      }
    }
    const middle = Math.ceil(plans.length / 2)
    const halves = [plans.slice(0, middle), plans.slice(middle)]
    const parts: PassValues[] = []
    for (const half of halves) parts.push(await evaluateTogether(tables, half, settings))
    return { of: parts.flatMap((part) => part.of), broken: true }
  }
}

/** A file that cannot be read fails every half of it too. */
function mayBeOneCheck(error: unknown): boolean {
  return isLockstepError(error) && error.code === 'tables.query_failed'
}

/** Two bounds cost as much as two or three counts: fewer are counted at once. */
const worthBounds = 3

async function evaluate(
  tables: Tables,
  plans: readonly CheckPlan[],
  { foresee }: PassSettings,
): Promise<readonly (readonly unknown[])[]> {
  const asked = plans.flatMap(({ expressions }) => expressions)
  const plain = asked.filter((one) => typeof one === 'string')
  const foreseen = [
    ...new Map(
      asked.flatMap((one) => (typeof one === 'string' ? [] : [[one.sql, one] as const])),
    ).values(),
  ]
  const uses = new Map<string, number>()
  for (const { of } of foreseen) uses.set(of, (uses.get(of) ?? 0) + 1)
  const isWorth = ({ of }: Foreseen) => foresee && (uses.get(of) ?? 0) >= worthBounds
  const bounded = foreseen.filter(isWorth)
  const counted = foreseen.filter((one) => !isWorth(one)).map(({ sql }) => sql)
  const bounds = bounded.flatMap(({ when, instead }) => [when, instead])
  const found = await valuesOf(tables, [...plain, ...counted, ...bounds])
  const open = bounded.filter(({ when }) => found.get(when) === false).map(({ sql }) => sql)
  const rest = await valuesOf(tables, open)
  for (const { sql, instead } of bounded)
    found.set(sql, rest.has(sql) ? rest.get(sql) : found.get(instead))
  return plans.map(({ expressions }) =>
    expressions.map((one) => found.get(typeof one === 'string' ? one : one.sql)),
  )
}

async function valuesOf(tables: Tables, sql: readonly string[]): Promise<Map<string, unknown>> {
  const expressions = [...new Set(sql)]
  if (expressions.length === 0) return new Map()
  const list = expressions.map((one, at) => `${one} AS a${at}`).join(', ')
  const { values } = await tables.columns(`SELECT ${list} FROM this`)
  return new Map(expressions.map((one, at) => [one, values[at]?.[0]]))
}
