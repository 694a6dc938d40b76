// Which rows are which group, and which groups are compared: by one column after the other or by all combinations,
// in every stratum of the conditioning columns. A missing value is a group of its own; empty combinations stay listed.
import { type GroupName, nameOfGroup } from './group-counts.ts'
import { inOrder } from './slice-tests.ts'

export interface PanelQuestion {
  readonly by: readonly string[]
  /** All combinations of the columns instead of one column after the other. */
  readonly intersect: boolean
  /** The check must hold in every combination of these. */
  readonly given: readonly string[]
}

export interface GroupPanel {
  readonly by: string
  readonly stratum: string | null
  readonly groups: readonly GroupRows[]
  readonly rows: Uint32Array
}

export interface GroupRows {
  readonly group: string
  /** A value of some column is missing. */
  readonly isMissing: boolean
  readonly rows: Uint32Array
}

/** More groups than anyone can compare. */
export const mostGroups = 400
/** Groups over all strata: each is recorded, and each stratum looks at every row. */
const mostPlaces = 4000

/** Or a sentence that says why there are none. */
export function panelsOf(
  { by, intersect, given }: PanelQuestion,
  groupsOf: (column: string) => readonly GroupName[] | string,
): readonly GroupPanel[] | string {
  const values = new Map<string, readonly GroupName[]>()
  for (const column of [...by, ...given]) {
    const found = groupsOf(column)
    if (typeof found === 'string') return found
    values.set(column, found)
  }
  const of = (columns: readonly string[]) => columns.map((column) => values.get(column) ?? [])
  const families = intersect ? [by] : by.map((column) => [column])
  const panels: GroupPanel[] = []
  for (const columns of families) {
    const groups = crossing(columns, of(columns), '')
    if (typeof groups === 'string') return groups
    const strata = given.length === 0 ? [undefined] : crossing(given, of(given), '=')
    if (typeof strata === 'string') return strata
    if (strata.length * groups.length > mostPlaces)
      return `${strata.length} strata of ${given.join(' x ')} with ${groups.length} groups each are more than can be compared (${mostPlaces} together); use coarser columns`
    for (const stratum of strata) {
      if (stratum?.rows.length === 0) continue
      panels.push(panelIn(columns.join(' x '), groups, stratum))
    }
  }
  return panels
}

function panelIn(
  by: string,
  groups: readonly GroupRows[],
  stratum: GroupRows | undefined,
): GroupPanel {
  if (stratum === undefined) {
    return { by, stratum: null, groups, rows: sorted(groups.flatMap(({ rows }) => [...rows])) }
  }
  const inside = new Set(stratum.rows)
  const within = groups.map((group) => ({
    ...group,
    rows: group.rows.filter((row) => inside.has(row)),
  }))
  return { by, stratum: stratum.group, groups: within, rows: stratum.rows }
}

function sorted(rows: readonly number[]): Uint32Array {
  return Uint32Array.from(rows).sort()
}

/** Every combination of the observed values; `sign` writes the column before the value. */
function crossing(
  columns: readonly string[],
  values: readonly (readonly GroupName[])[],
  sign: '' | '=',
): readonly GroupRows[] | string {
  const levels = values.map((column) => [...new Set(column)].toSorted(inOrder))
  const combinations = levels.reduce((count, own) => count * own.length, 1)
  if (combinations > mostGroups) {
    return `${columns.join(' x ')} makes ${combinations} groups, at most ${mostGroups} can be compared; use coarser groups`
  }
  const codes = levels.map((own) => new Map(own.map((level, code) => [level, code])))
  const rowsOf = Array.from({ length: combinations }, (): number[] => [])
  const rows = values[0]?.length ?? 0
  for (let row = 0; row < rows; row++) {
    let at = 0
    for (const [column, own] of codes.entries()) {
      at = at * own.size + (own.get(values[column]?.[row] ?? null) ?? 0)
    }
    rowsOf[at]?.push(row)
  }
  return rowsOf.map((own, at) => {
    const members = membersAt(levels, at)
    const name = (member: GroupName, column: number) =>
      // A bin says its column itself.
      sign === '' || columns[column]?.includes('@')
        ? nameOfGroup(member)
        : `${columns[column]}=${nameOfGroup(member)}`
    return {
      group: members.map(name).join(' x '),
      isMissing: members.includes(null),
      rows: Uint32Array.from(own),
    }
  })
}

/** The combination with this number; the last column turns fastest. */
function membersAt(levels: readonly (readonly GroupName[])[], at: number): readonly GroupName[] {
  const members: GroupName[] = []
  let rest = at
  for (const own of levels.toReversed()) {
    members.unshift(own[rest % own.length] ?? null)
    rest = Math.floor(rest / own.length)
  }
  return members
}
