// Drift checks answered over all rows: one count of the data on the edges of each reference, however many checks ask for it.
import type { Tables } from '../../../build/tables/duckdb.ts'
import { sentenceOf } from '../../../foundation/errors.ts'
import { didYouMean } from '../../../project/problems.ts'
import { countOnProfile, type DatasetProfile, profileTable } from '../profile/profile.ts'
import { isProfiled, type ProfileSource, typesOf } from '../profile/profile-source.ts'
import type { DriftCheck, DriftStatistics } from './drift-check.ts'
import { driftStatistics } from './drift-compare.ts'

/** What `vs` stands for, with a name for the sentence. */
export type DriftReference =
  | { readonly found: 'profile'; readonly name: string; readonly profile: DatasetProfile }
  | { readonly found: 'table'; readonly name: string; readonly source: ProfileSource }
  /** There cannot be one yet. */
  | { readonly found: 'nothing'; readonly because: string }
  | { readonly found: 'unreadable'; readonly because: string }

export type FindReference = (vs: string) => Promise<DriftReference>

export type MeasuredDrift =
  | DriftStatistics
  | { readonly method: 'skipped'; readonly because: string }
  | { readonly method: 'unreadable'; readonly because: string }

export interface DriftQuestion {
  readonly tables: Tables
  readonly source: ProfileSource
  readonly checks: readonly DriftCheck[]
  readonly find: FindReference
  /** Never compared by `drift(*)`: the key and the time of the dataset. */
  readonly leftOut?: readonly string[]
}

/** One answer per check, in their order. A check that cannot be answered says why; it never throws. */
export async function measureDrifts(question: DriftQuestion): Promise<readonly MeasuredDrift[]> {
  const answers = new Map<DriftCheck, MeasuredDrift>()
  for (const vs of new Set(question.checks.map((check) => check.vs))) {
    const asking = question.checks.filter((check) => check.vs === vs)
    try {
      const found = await measureAgainst(question, vs, asking)
      for (const [at, check] of asking.entries()) {
        const own = found[at]
        if (own !== undefined) answers.set(check, own)
      }
    } catch (error) {
      for (const check of asking) answers.set(check, unreadable(sentenceOf(error)))
    }
  }
  return question.checks.map((check) => answers.get(check) ?? unreadable('drift was not measured'))
}

async function measureAgainst(
  { tables, source, find, leftOut = [] }: DriftQuestion,
  vs: string,
  checks: readonly DriftCheck[],
): Promise<readonly MeasuredDrift[]> {
  const found = await find(vs)
  if (found.found === 'nothing') {
    const here = [...(await typesOf(tables, source)).keys()]
    return checks.map((check) => notYet(check, here, found.because))
  }
  if (found.found === 'unreadable') return checks.map(() => unreadable(found.because))
  const present = await typesOf(tables, source)
  const names =
    found.found === 'profile'
      ? Object.keys(found.profile.columns)
      : [...(await typesOf(tables, found.source))].flatMap(([name, type]) =>
          isProfiled(type) ? [name] : [],
        )
  const wanted = checks.map((check) =>
    columnsFor(check, { names, leftOut, present, name: found.name }),
  )
  const needed = [
    ...new Set(wanted.flatMap((columns) => (typeof columns === 'string' ? [] : columns))),
  ]
  const reference =
    found.found === 'profile'
      ? narrowed(found.profile, needed)
      : await profileTable(tables, found.source, needed)
  const live = await countOnProfile(tables, reference, source)
  const unknown = [...present].flatMap(([name, type]) =>
    isProfiled(type) && !names.includes(name) ? [name] : [],
  )
  return checks.map((check, at) => {
    const columns = wanted[at] ?? []
    if (typeof columns === 'string') return unreadable(columns)
    const pair = { name: found.name, reference: narrowed(reference, columns), live, unknown }
    return driftStatistics({ ...pair, unknown: check.column === null ? unknown : [] }, check.bins)
  })
}

/** A column that is not there is wrong today, and not only once there is something to compare with. */
function notYet({ column }: DriftCheck, here: readonly string[], because: string): MeasuredDrift {
  if (column === null || here.includes(column)) return { method: 'skipped', because }
  return unreadable(`there is no column ${absent(column, here)}`)
}

interface Sides {
  /** Columns the reference has. */
  readonly names: readonly string[]
  readonly leftOut: readonly string[]
  readonly present: ReadonlyMap<string, string>
  readonly name: string
}

/** The columns to compare, or why that cannot be done. */
function columnsFor(
  check: DriftCheck,
  { names, leftOut, present, name }: Sides,
): readonly string[] | string {
  const here = [...present.keys()]
  const stranger = check.except.find((column) => !here.includes(column) && !names.includes(column))
  if (stranger !== undefined) return `except names ${absent(stranger, here)}`
  if (check.column !== null) {
    if (!here.includes(check.column)) return `there is no column ${absent(check.column, here)}`
    if (!names.includes(check.column))
      return `${name} has no profile of ${absent(check.column, names)}`
    return [check.column]
  }
  const columns = names.filter(
    (column) => !check.except.includes(column) && !leftOut.includes(column),
  )
  const gone = columns.filter((column) => !present.has(column))
  if (gone.length > 0)
    return `${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} in ${name} and no longer in the data (bring it back, or name it under except)`
  return columns
}

function absent(column: string, names: readonly string[]): string {
  const near = didYouMean(column, names)
  return `${column} (${near === undefined ? `columns: ${names.join(', ')}` : `did you mean ${near}?`})`
}

function narrowed(profile: DatasetProfile, columns: readonly string[]): DatasetProfile {
  const chosen = columns.flatMap((name) => {
    const column = profile.columns[name]
    return column === undefined ? [] : [[name, column] as const]
  })
  return { rows: profile.rows, columns: Object.fromEntries(chosen) }
}

function unreadable(because: string): MeasuredDrift {
  return { method: 'unreadable', because }
}
