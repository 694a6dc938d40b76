// Answers data checks over Parquet, CSV and JSON files: one pass for all cheap aggregates, further ones only where a check
// needs exact quantiles, distinct values or keys, and a look at examples only where a rule is broken.
import {
  openTableSource,
  type SourceOptions,
  type TableColumn,
  type TableSource,
} from '../../build/tables/table-source.ts'
import { didYouMean } from '../../project/problems.ts'
import { askingOf } from './asking.ts'
import {
  type CheckPlan,
  known,
  type PlanContext,
  type TableFacts,
  unanswerable,
} from './check-plan.ts'
import { columnsOf, type DataCheck } from './data-check.ts'
import { type DataStatistics, unreadable } from './data-statistics.ts'
import { planCheck } from './plan-check.ts'
import { sentenceWithHint } from './sentence-with-hint.ts'
import { evaluateTogether } from './shared-pass.ts'
import { faultOfConditions } from './user-conditions.ts'

export interface DataQuestion {
  readonly checks: readonly DataCheck[]
  readonly facts?: TableFacts
  /** For freshness; ISO 8601. */
  readonly now: string
}

/** One statistic per check, in the order of the checks. What cannot be answered says why; it never throws. */
export async function measureData(
  paths: string | readonly string[],
  question: DataQuestion,
  options: SourceOptions = {},
): Promise<readonly DataStatistics[]> {
  let source: TableSource
  try {
    source = await openTableSource(paths, options)
  } catch (error) {
    const because = sentenceWithHint(error)
    return question.checks.map(() => unreadable(because))
  }
  try {
    return await measureSource(source, question)
  } finally {
    await source.close()
  }
}

/** The same over a table that is open already. */
export async function measureSource(
  source: TableSource,
  question: DataQuestion,
): Promise<readonly DataStatistics[]> {
  const { checks, facts = {}, now } = question
  const types = new Map(source.columns.map(({ name, type }) => [name, type]))
  const context: PlanContext = { types, facts, now, isText: source.isText }
  const plans: CheckPlan[] = []
  for (const check of checks) plans.push(await planSafely(source, check, context))
  if (source.isText && plans.some(({ again }) => again)) {
    const because = await source.keepForPasses().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (because !== undefined) {
      if (await settled(source)) return measureSource(source, question)
      return checks.map(() => unreadable(sentenceWithHint(because)))
    }
  }
  // Text that is not kept would be read twice where the bounds do not decide.
  const foresee = !source.isText || source.isKept
  const values = await evaluateTogether(source.tables, plans, { foresee })
  if (values.broken && source.isText && (await settled(source)))
    return measureSource(source, question)
  const keep = source.isText && !source.isKept ? { keep: () => source.keepForPasses() } : {}
  const asking = askingOf(source.tables, plans, keep)
  const measured: DataStatistics[] = []
  for (const [at, plan] of plans.entries()) {
    const own = values.of[at]
    if (typeof own === 'string') measured.push(unreadable(own))
    else measured.push(await finishSafely(plan, own ?? [], asking))
  }
  return measured
}

/** A value that did not fit the types of the first rows: all rows decide, once. */
async function settled(source: TableSource): Promise<boolean> {
  return source.settleTypes().catch(() => false)
}

async function planSafely(
  source: TableSource,
  check: DataCheck,
  context: PlanContext,
): Promise<CheckPlan> {
  const missing = missingColumn(check, source.columns)
  if (missing !== undefined && check.ifPresent === true) {
    return known({ method: 'skipped', because: `there is no column ${missing}, and need not be` })
  }
  const absent = absentColumn(check, source.columns)
  if (absent !== undefined) return unanswerable(absent)
  const fault = await faultOfConditions(source.tables, check)
  return fault === undefined ? planCheck(check, context) : unanswerable(fault)
}

async function finishSafely(
  plan: CheckPlan,
  values: readonly unknown[],
  asking: Parameters<CheckPlan['finish']>[1],
): Promise<DataStatistics> {
  try {
    return await plan.finish(values, asking)
  } catch (error) {
    return unreadable(sentenceWithHint(error))
  }
}

/** Why a column cannot be read, with the nearest name; undefined when all are there. */
export function absentColumn(
  check: DataCheck,
  columns: readonly TableColumn[],
): string | undefined {
  const names = columns.map(({ name }) => name)
  const missing = missingColumn(check, columns)
  if (missing === undefined) return undefined
  const near = didYouMean(missing, names)
  const hint = near === undefined ? `columns: ${shortList(names)}` : `did you mean ${near}?`
  return `there is no column ${missing} (${hint})`
}

function missingColumn(check: DataCheck, columns: readonly TableColumn[]): string | undefined {
  return columnsOf(check).find((column) => !columns.some(({ name }) => name === column))
}

const mostNames = 20

function shortList(names: readonly string[]): string {
  const more = names.length - mostNames
  return more > 0 ? `${names.slice(0, mostNames).join(', ')} and ${more} more` : names.join(', ')
}
