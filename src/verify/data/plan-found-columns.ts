// Columns that say nothing (one value for all rows, or nearly) and columns that say too much (a value of its own for every row).
import { quoteName } from '../../build/tables/duckdb.ts'
import { groupsOf } from './aggregates.ts'
import type { Asking, CheckPlan, PlanContext } from './check-plan.ts'
import { type DataCheck, logicalTypeOf } from './data-check.ts'

type FoundCheck = DataCheck & { rule: 'constant_columns' | 'all_unique_columns' }

export function planFoundColumns(check: FoundCheck, context: PlanContext): CheckPlan {
  const left = new Set(check.except ?? [])
  const names = [...context.types].flatMap(([name, type]) =>
    left.has(name) || !isAsked(check, type, name, context) ? [] : [name],
  )
  const isConstant = check.rule === 'constant_columns'
  const each = (name: string): readonly string[] => {
    const column = quoteName(name)
    return isConstant
      ? [`count(${column})`, `(min(${column}) IS NOT DISTINCT FROM max(${column}))`]
      : [`count(${column})`, `approx_count_distinct(${column})`]
  }
  return {
    expressions: ['count(*)', ...names.flatMap(each)],
    finish: async ([rows, ...values], asking) => {
      const found: string[] = []
      for (const [at, name] of names.entries()) {
        const [count, hint] = [Number(values[2 * at]), values[2 * at + 1]]
        const isOne = isConstant
          ? hint === true || (await isNearlyConstant(check, name, count, asking))
          : await isAllUnique(name, count, Number(hint), asking)
        if (isOne) found.push(name)
      }
      return { method: 'found_columns', found, of: names.length, rows: Number(rows) }
    },
  }
}

/** Every value of a measurement may well be its own; only whole numbers and text can be an identifier. */
function isAsked(
  { rule }: FoundCheck,
  type: string,
  name: string,
  { facts }: PlanContext,
): boolean {
  const logical = logicalTypeOf(type)
  if (rule === 'constant_columns') return logical !== undefined
  if (facts.key?.includes(name) || facts.time === name) return false
  return logical === 'integer' || logical === 'text'
}

async function isNearlyConstant(
  { share }: FoundCheck,
  name: string,
  count: number,
  asking: Asking,
): Promise<boolean> {
  if (share === undefined || count === 0) return false
  const { most } = await groupsOf(asking, quoteName(name))
  return most >= share * count
}

/** The sketch is a few per cent off at most: what it puts far below is not looked at again. */
async function isAllUnique(
  name: string,
  count: number,
  about: number,
  asking: Asking,
): Promise<boolean> {
  if (count < 2 || about < 0.7 * count) return false
  const { distinct } = await groupsOf(asking, quoteName(name))
  return distinct === count
}
