// Groups of a number: `by: age@[30, 50]` and `by: age@quartiles` compare bins, in the words of a slice declaration.
import type { GroupName } from './group-counts.ts'
import { parseSlice, type SliceBins } from './slice-declaration.ts'
import { binsOf } from './slice-tests.ts'

/** The column that must be there for `age@quartiles`; a plain column is itself. */
export function groupColumn(by: string): string {
  return readBins(by)?.column ?? by
}

/** The bin of every row; undefined when `by` is a plain column, a sentence when the column holds text. */
export function binnedGroups(
  by: string,
  values: ArrayLike<unknown>,
): readonly GroupName[] | string | undefined {
  const found = readBins(by)
  if (found === undefined) return undefined
  const bins = binsOf(found.column, found.bins, values)
  if (bins === undefined) return `${found.column} is not numeric, it cannot be cut into bins`
  return Array.from(values, (_, row) => {
    const name = bins.find((bin) => bin.holds(row))?.name
    return name === undefined || name.endsWith(' is missing') ? null : name
  })
}

function readBins(by: string): { readonly column: string; readonly bins: SliceBins } | undefined {
  if (!by.includes('@')) return undefined
  const parsed = parseSlice(by)
  if ('message' in parsed || parsed.terms.length !== 1) return undefined
  const [term] = parsed.terms
  return term?.kind === 'bins' ? { column: term.column.name, bins: term.bins } : undefined
}
