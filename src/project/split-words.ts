// A command line as words, without a shell.

/** Words by blanks; '…' and "…" keep blanks; a backslash outside single quotes keeps the next character. No expansion. */
export function splitWords(line: string): string[] | null {
  const words: string[] = []
  const pattern = /\s*((?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+)\s*/gy
  let end = 0
  for (const match of line.matchAll(pattern)) {
    end = match.index + match[0].length
    const word = (match[1] ?? '').replace(
      /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/g,
      (_, single, double, plain) =>
        single ?? (double !== undefined ? String(double).replace(/\\(["\\])/g, '$1') : plain),
    )
    words.push(word)
  }
  return end === line.length || line.trim() === '' ? words : null
}
