// The plan of each check: what the shared pass counts for it, and what is asked afterwards.
import { quoteName } from '../../build/tables/duckdb.ts'
import { planAggregate } from './aggregates.ts'
import {
  type CheckPlan,
  known,
  type PlanContext,
  placeholdersOf,
  typeOf,
  unanswerable,
  unlessEmpty,
} from './check-plan.ts'
import { type DataCheck, isNumeric, isRowCheck, isTime, type MissingCheck } from './data-check.ts'
import type { DataStatistics } from './data-statistics.ts'
import { planDrift } from './drift/drift-plan.ts'
import { ifFinite, unlessNan } from './foresee.ts'
import { planLeakage } from './leakage/leakage-plan.ts'
import { planConflicts, planDuplicates, planUnique } from './plan-duplicates.ts'
import { planFoundColumns } from './plan-found-columns.ts'
import { planRows } from './plan-row-check.ts'
import { planSql } from './plan-sql.ts'
import { shareSql } from './row-conditions.ts'
import { both, conditionSql, isFloating, isText, placeholderSql } from './sql-values.ts'

export function planCheck(check: DataCheck, context: PlanContext): CheckPlan {
  if (isRowCheck(check)) return planRows(check, context)
  switch (check.rule) {
    case 'rows':
      return planRowCount(check, context)
    case 'columns':
      return known({ method: 'columns', present: [...context.types.keys()] })
    case 'type':
    case 'physical_type':
      return planType(check.column, context)
    case 'missing':
      return planMissing(check, context)
    case 'nonfinite':
    case 'infinite':
      return planNonFinite(check, context)
    case 'binary':
      return planBinary(check.column)
    case 'unique':
      return planUnique(check)
    case 'duplicates':
      return planDuplicates(check, context)
    case 'conflicting_labels':
      return planConflicts(check, context)
    case 'aggregate':
      return planAggregate(check, context)
    case 'share':
      return planShare(check, context)
    case 'freshness':
      return planFreshness(check, context)
    case 'constant_columns':
    case 'all_unique_columns':
      return planFoundColumns(check, context)
    case 'sql':
      return planSql(check, context)
    case 'drift':
      return planDrift(check, context)
    case 'leakage':
      return planLeakage(check, context)
  }
}

function planRowCount(check: DataCheck & { rule: 'rows' }, { facts }: PlanContext): CheckPlan {
  const { past, where } = check
  const { champion } = facts
  if (past?.of === 'champion' && champion !== undefined && 'method' in champion)
    return known(champion)
  const earlier =
    past === undefined
      ? undefined
      : past.of === 'champion'
        ? [champion].flatMap((one) => (one === undefined || 'method' in one ? [] : one))
        : (facts.past ?? []).slice(-past.over)
  return {
    expressions: [where === undefined ? 'count(*)' : `count_if${conditionSql(where)}`],
    finish: ([rows]) => ({
      method: 'rows',
      rows: Number(rows),
      ...(earlier === undefined ? {} : { past: earlier }),
    }),
  }
}

/** A text file's types are those of its values: all of them must be read. */
function planType(column: string, context: PlanContext): CheckPlan {
  return {
    expressions: context.isText ? [`count(${quoteName(column)})`] : [],
    finish: () => ({ method: 'type', type: typeOf(context, column) }),
  }
}

function planMissing(check: MissingCheck, context: PlanContext): CheckPlan {
  const { column, only, where } = check
  const type = typeOf(context, column)
  const name = quoteName(column)
  const placeholder = placeholderSql(
    column,
    type,
    placeholdersOf(check, column, context)?.filter((value) => value !== ''),
  )
  const tests: readonly (readonly [kind: string, sql: string | undefined])[] = [
    ['null', where === undefined ? undefined : `${name} IS NULL`],
    ['nan', isFloating(type) ? `isnan(${name})` : undefined],
    ['empty', isText(type) ? `${name} = ''` : undefined],
    ['placeholder', placeholder],
  ]
  const asked = tests.flatMap(([kind, sql]) => (sql === undefined ? [] : [[kind, sql] as const]))
  const rows = where === undefined ? 'count(*)' : `count_if${conditionSql(where)}`
  return {
    expressions: [
      rows,
      where === undefined ? `count(${name})` : '0',
      ...asked.map(([kind, test]) => {
        const sql = `count_if(${both(test, where)})`
        return kind === 'nan' && where === undefined ? unlessNan(name, sql) : sql
      }),
    ],
    finish: ([of, present, ...counts]) => {
      const kinds: Record<string, number> = {}
      if (where === undefined) kinds.null = Number(of) - Number(present)
      for (const [at, [kind]] of asked.entries()) kinds[kind] = Number(counts[at])
      const chosen = only === undefined ? kinds : { [only]: kinds[only] ?? 0 }
      const count = Object.values(chosen).reduce((sum, one) => sum + one, 0)
      return { method: 'share', count, of: Number(of), seen: [], kinds: chosen }
    },
  }
}

/** Integers and decimals have no NaN: the answer is known without reading. */
function planNonFinite(check: MissingCheck, context: PlanContext): CheckPlan {
  const { column, rule, where } = check
  const type = typeOf(context, column)
  const name = quoteName(column)
  if (!isNumeric(type))
    return unlessEmpty(check, `${column} is ${type}, and only numbers can be NaN or Inf`)
  const test = rule === 'infinite' ? `isinf(${name})` : `NOT isfinite(${name})`
  const count = `count_if(${both(test, where)})`
  const floating = where === undefined ? ifFinite(name, { sql: count, instead: '0' }) : count
  return {
    expressions: [
      where === undefined ? `count(${name})` : `count_if(${both(`${name} IS NOT NULL`, where)})`,
      isFloating(type) ? floating : '0',
    ],
    finish: ([of, count]) => ({ method: 'share', count: Number(count), of: Number(of), seen: [] }),
  }
}

function planBinary(column: string): CheckPlan {
  const value = `TRY_CAST(${quoteName(column)} AS DOUBLE)`
  return {
    expressions: ['count(*)', `count_if(${value} = 0)`, `count_if(${value} = 1)`],
    finish: ([rows, zeros, ones]) => ({
      method: 'binary',
      zeros: Number(zeros),
      ones: Number(ones),
      rows: Number(rows),
    }),
  }
}

function planShare(check: DataCheck & { rule: 'share' }, { types }: PlanContext): CheckPlan {
  const { condition, where } = check
  return {
    expressions: [
      where === undefined ? 'count(*)' : `count_if${conditionSql(where)}`,
      `count_if(${both(shareSql(condition, types), where)})`,
    ],
    finish: ([of, count]) => ({ method: 'share', count: Number(count), of: Number(of), seen: [] }),
  }
}

function planFreshness(check: DataCheck & { rule: 'freshness' }, context: PlanContext): CheckPlan {
  const column = check.column ?? context.facts.time
  if (column === undefined)
    return unanswerable(
      'freshness needs the column of the time: write freshness(event_ts), or declare time: for the dataset',
    )
  const type = typeOf(context, column)
  if (!context.types.has(column)) return unanswerable(`there is no column ${column}`)
  if (!isTime(type) && !isText(type))
    return unanswerable(`${column} is ${type}, and freshness needs a date or a time`)
  const time = isTime(type)
    ? `CAST(${quoteName(column)} AS TIMESTAMPTZ)`
    : `TRY_CAST(${quoteName(column)} AS TIMESTAMPTZ)`
  return {
    expressions: [
      `count(${quoteName(column)})`,
      `max(CASE WHEN isfinite(${time}) THEN ${time} END)`,
    ],
    finish: ([rows, newest]): DataStatistics => {
      if (Number(rows) > 0 && typeof newest !== 'string')
        return { method: 'unreadable', because: `no value of ${column} is a date or a time` }
      return {
        method: 'freshness',
        column,
        newest: typeof newest === 'string' ? newest : null,
        now: context.now,
        rows: Number(rows),
      }
    },
  }
}
