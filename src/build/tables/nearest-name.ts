// "Did you mean": the present names closest to one that is absent.

/** At most three names within a third of the length in edits (case does not count), nearest first; then by their order. */
export function nearestNames(wanted: string, present: readonly string[]): string[] {
  const allowed = Math.max(2, Math.floor(wanted.length / 3))
  return present
    .map((name) => ({ name, edits: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** The hint for a column that is not there. */
export function columnHint(wanted: string, present: readonly string[]): string {
  const near = nearestNames(wanted, present)
  const list = `Columns present: ${present.join(', ')}.`
  return near.length > 0 ? `Did you mean ${near.join(' or ')}? ${list}` : list
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
