// How well each column alone predicts the label. One scan counts every column of numbers on quantile bins by class, which bounds its
// area from both sides; only columns that could matter are then counted value by value, tie-correct and exact.
import { quoteName, type Tables } from '../../../build/tables/duckdb.ts'
import { didYouMean } from '../../../project/problems.ts'
import { isNumeric, isTime, logicalTypeOf } from '../data-check.ts'
import { fixEdges, writeDouble } from '../profile/profile-edges.ts'
import { fromOf, type ProfileSource, typesOf } from '../profile/profile-source.ts'
import { aucOfGroups, type ScoreGroup } from './leakage-auc.ts'
import type { AucFeature, LeakageCheck, LeakageStatistics } from './leakage-check.ts'
import { exactAuc, type FeatureSql } from './leakage-exact.ts'
import { rankFeatures } from './leakage-ranks.ts'

export interface LeakageQuestion {
  readonly tables: Tables
  readonly source: ProfileSource
  readonly check: LeakageCheck
  /** The dataset's own. */
  readonly label?: string
}

export type MeasuredLeakage =
  | LeakageStatistics
  | { readonly method: 'unreadable'; readonly because: string }

const mostClasses = 20

export async function measureLeakage({
  tables,
  source,
  check,
  label: own,
}: LeakageQuestion): Promise<MeasuredLeakage> {
  const types = await typesOf(tables, source)
  const label = check.label ?? own
  if (label === undefined)
    return unreadable(
      'leakage needs the label: declare it as label of the dataset, or give {label: NAME}',
    )
  const stranger = [label, ...check.except].find((name) => !types.has(name))
  if (stranger !== undefined) {
    const near = didYouMean(stranger, [...types.keys()])
    return unreadable(
      `there is no column ${stranger} (${near ? `did you mean ${near}?` : `columns: ${[...types.keys()].join(', ')}`})`,
    )
  }
  const from = fromOf(source)
  const classes = await classesOf(tables, from, label)
  const rows = classes.reduce((sum, { count }) => sum + count, 0)
  const columns = [...types].filter(([name]) => name !== label && !check.except.includes(name))
  const type = types.get(label) ?? ''
  const isRegression =
    isNumeric(type) && classes.length > (logicalTypeOf(type) === 'integer' ? mostClasses : 2)
  const shared = { method: 'leakage' as const, label }
  if (classes.length < 2) return { ...shared, task: 'binary', rows, features: [] }
  if (isRegression) {
    const features = await rankFeatures({ tables, from, label, columns })
    return { ...shared, task: 'regression', rows: features.rows, features: features.features }
  }
  if (classes.length > mostClasses)
    return unreadable(
      `${label} has more than ${mostClasses} classes, too many to look at one by one; leave it out or group them`,
    )
  const names = classes.map(({ value }) => value).sort()
  // Of two classes one says all about the other.
  const sides = names.length === 2 ? names.slice(1) : names
  const features = await aucFeatures({
    tables,
    from,
    label,
    columns,
    sides,
    limit: check.limit.value,
  })
  const task = names.length === 2 ? 'binary' : 'multiclass'
  return {
    ...shared,
    task,
    rows,
    features: task === 'binary' ? features.map((one) => ({ ...one, class: null })) : features,
  }
}

async function classesOf(
  tables: Tables,
  from: string,
  label: string,
): Promise<readonly { value: string; count: number }[]> {
  const raw = quoteName(label)
  return tables.query(
    `SELECT CAST(${raw} AS VARCHAR) AS value, count(*) AS count FROM ${from} WHERE ${raw} IS NOT NULL GROUP BY value ORDER BY count DESC, value LIMIT ${mostClasses + 1}`,
  )
}

interface AucRequest {
  readonly tables: Tables
  readonly from: string
  readonly label: string
  readonly columns: readonly (readonly [name: string, type: string])[]
  readonly sides: readonly string[]
  readonly limit: number
}

async function aucFeatures(request: AucRequest): Promise<AucFeature[]> {
  const { tables, from, label, columns, sides, limit } = request
  const binned = await binnedFeatures(request)
  const features: AucFeature[] = [...binned.missing]
  const strongest = Math.max(0, ...binned.values.map(reach))
  for (const feature of binned.values) {
    const matters = reach(feature) >= limit || reach(feature) === strongest
    const sql = columns.find(([name]) => name === feature.name)
    if (!matters || sql === undefined) features.push(feature)
    else
      features.push(
        (await exactFeature(request, feature.name, numericSql(...sql), feature.class)) ?? feature,
      )
  }
  for (const [name, type] of columns) {
    const logical = logicalTypeOf(type)
    if (logical !== 'text' && logical !== 'boolean') continue
    for (const side of sides) {
      const own = await exactAuc(tables, {
        from,
        label,
        side,
        feature: { value: quoteName(name), by: 'category' },
      })
      if (own !== undefined)
        features.push({ kind: 'auc', name, by: 'category', class: side, within: 0, ...own })
    }
  }
  for (const side of sides) {
    const own = await exactAuc(tables, {
      from,
      label,
      side,
      feature: { value: 'row', by: 'row number' },
    })
    if (own !== undefined)
      features.push({ kind: 'auc', name: '', by: 'row number', class: side, within: 0, ...own })
  }
  return features
}

async function exactFeature(
  { tables, from, label }: AucRequest,
  name: string,
  value: string,
  side: string | null,
): Promise<AucFeature | undefined> {
  const feature: FeatureSql = { value, by: 'value' }
  const own = await exactAuc(tables, { from, label, side: side ?? '', feature })
  return own === undefined
    ? undefined
    : { kind: 'auc', name, by: 'value', class: side, within: 0, ...own }
}

/** The strongest it could be, four standard errors included. */
function reach({ auc, within, variance }: AucFeature): number {
  return Math.max(auc, 1 - auc) + within + 4 * Math.sqrt(variance)
}

/** Times as seconds; infinities and NaN have no place in an order and are left out. */
export function numericSql(name: string, type: string): string {
  const raw = quoteName(name)
  const value = isTime(type) ? `epoch(${raw})::DOUBLE` : `${raw}::DOUBLE`
  return `CASE WHEN isfinite(${value}) THEN ${value} END`
}

async function binnedFeatures({
  tables,
  from,
  label,
  columns,
  sides,
}: AucRequest): Promise<{ values: AucFeature[]; missing: AucFeature[] }> {
  const ranked = columns.filter(([, type]) => isNumeric(type) || isTime(type))
  const numbers = new Map(ranked.map(([name]) => [name, 'DOUBLE']))
  const list = ranked.map(([name, type]) => `${numericSql(name, type)} AS ${quoteName(name)}`)
  const view = `(SELECT ${[...list, '1'].join(', ')} FROM ${from})`
  const [size] = await tables.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${from}`)
  const edges = await fixEdges(tables, { from: view, rows: size?.rows ?? 0, columns: numbers })
  const others = columns.map(
    ([name]) => `count(${quoteName(name)}) AS ${quoteName(`there ${name}`)}`,
  )
  const binned = ranked.map(([name, type]) => {
    const template = edges[name]
    const ends = template?.kind === 'numeric' ? template.edges : [0]
    return `map_values(histogram(${numericSql(name, type)}, [${ends.map(writeDouble).join(', ')}])) AS ${quoteName(`bins ${name}`)}`
  })
  const found = await tables.query<Record<string, unknown>>(
    `SELECT CAST(${quoteName(label)} AS VARCHAR) AS "lockstep class", count(*) AS "lockstep rows", ${[...others, ...binned].join(', ')} FROM ${from} WHERE ${quoteName(label)} IS NOT NULL GROUP BY ALL`,
  )
  const values: AucFeature[] = []
  const missing: AucFeature[] = []
  for (const side of sides) {
    const split = (of: (row: Record<string, unknown>) => readonly number[]) =>
      groupsOf(found, side, of)
    for (const [name] of columns) {
      const there = (row: Record<string, unknown>) => {
        const filled = Number(row[`there ${name}`] ?? 0)
        return [filled, Number(row['lockstep rows'] ?? 0) - filled]
      }
      const gone = split(there)
      const own = gone.every((group) => group.positives + group.negatives > 0)
        ? aucOfGroups(gone)
        : undefined
      if (own !== undefined)
        missing.push({ kind: 'auc', name, by: 'missing', class: side, ...own, within: 0 })
    }
    for (const [name] of ranked) {
      const own = aucOfGroups(split((row) => numbersOf(row[`bins ${name}`])))
      if (own !== undefined) values.push({ kind: 'auc', name, by: 'value', class: side, ...own })
    }
  }
  return { values, missing }
}

/** One group per place of the lists, the class against all others. */
function groupsOf(
  found: readonly Record<string, unknown>[],
  side: string,
  of: (row: Record<string, unknown>) => readonly number[],
): ScoreGroup[] {
  const groups: { positives: number; negatives: number }[] = []
  for (const row of found) {
    const isSide = row['lockstep class'] === side
    for (const [at, count] of of(row).entries()) {
      const group = groups[at] ?? { positives: 0, negatives: 0 }
      if (isSide) group.positives += count
      else group.negatives += count
      groups[at] = group
    }
  }
  return groups
}

function numbersOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : []
}

function unreadable(because: string): MeasuredLeakage {
  return { method: 'unreadable', because }
}
