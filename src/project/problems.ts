// What is wrong with a file, said once and all at once: line, column, caret, what is allowed, and "did you mean".

export interface Problem {
  readonly message: string
  /** 1-based; null when the problem is not in the text (a missing file). */
  readonly position: {
    readonly line: number
    readonly column: number
    readonly length: number
  } | null
  readonly hint?: string
}

/** Renders every problem with its line of text and a caret below the place. */
export function renderProblems(file: string, text: string, problems: readonly Problem[]): string {
  const lines = text.split('\n')
  return problems.map((problem) => renderOne(file, lines, problem)).join('\n\n')
}

function renderOne(file: string, lines: readonly string[], problem: Problem): string {
  const hint = problem.hint ? `\n  ${problem.hint}` : ''
  if (!problem.position) return `${file}: ${problem.message}${hint}`
  const { line, column, length } = problem.position
  const source = (lines[line - 1] ?? '').replaceAll('\t', ' ')
  const gutter = `${line} | `
  const caret =
    ' '.repeat(gutter.length + column - 1) +
    '^'.repeat(Math.max(1, Math.min(length, source.length - column + 1)))
  return `${file}:${line}:${column}: ${problem.message}\n  ${gutter}${source}\n  ${caret}${hint}`
}

/** The nearest of `choices` by edit distance, when it is near enough to be what was meant. */
export function didYouMean(word: string, choices: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: { readonly choice: string; readonly distance: number } | undefined
  for (const choice of choices) {
    const distance = editDistance(word.toLowerCase(), choice.toLowerCase())
    if (distance <= limit && (!best || distance < best.distance)) best = { choice, distance }
  }
  return best?.choice
}

/** Damerau-Levenshtein (optimal string alignment): a swap of neighbours counts as one edit. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(
        (rows[i - 1]?.[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (rows[i - 1]?.[j - 1] ?? 0) + cost,
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1)
      }
      row.push(least)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}

/** Reports a problem at a path of the document, e.g. ['environments', 'production', 'after']. */
export type Report = (path: readonly (string | number)[], message: string, hint?: string) => void
/** Where a path stands in the text. */
export type Locate = (
  path: readonly (string | number)[],
) => { readonly line: number; readonly column: number } | null
