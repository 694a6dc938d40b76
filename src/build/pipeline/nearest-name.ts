// "Did you mean": the known name closest to a mistyped one.

/** The nearest of `known` within two edits (Levenshtein), or a third of a long name's length; or undefined. */
export function nearestName(wanted: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestEdits = Math.max(wanted.length > 3 ? 2 : 1, Math.floor(wanted.length / 3)) + 1
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) >= bestEdits) continue
    const edits = editsBetween(wanted, name)
    if (edits < bestEdits) [best, bestEdits] = [name, edits]
  }
  return best
}

export function didYouMean(wanted: string, known: Iterable<string>): string {
  const name = nearestName(wanted, known)
  return name === undefined ? '' : `; did you mean ${name}?`
}

function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
