// SQL without what it quotes: texts, names and comments, which may hold any character and mean none of them. Pure.

/** As DuckDB reads them; block comments lie in each other. `$` opens a text only where no name goes on. */
const opening = /'|"|--|\/\*|(?<![\w$])\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g

/** Each quoted piece becomes a space; undefined where one is never closed. */
export function withoutQuotes(sql: string): string | undefined {
  let bare = ''
  let at = 0
  for (;;) {
    opening.lastIndex = at
    const found = opening.exec(sql)
    if (found === null) return bare + sql.slice(at)
    const [mark] = found
    const isEscaping = mark === "'" && /(?<![\w$])[eE]$/.test(sql.slice(0, found.index))
    const end = endOf(sql, mark, { from: found.index + mark.length, isEscaping })
    if (end === undefined) return undefined
    bare += `${sql.slice(at, found.index)} `
    at = end
  }
}

interface Inside {
  readonly from: number
  /** `e'…'`, in which a backslash takes the next character with it. */
  readonly isEscaping: boolean
}

function endOf(sql: string, mark: string, { from, isEscaping }: Inside): number | undefined {
  if (mark === '/*') return endOfComment(sql, from)
  if (mark === '--') {
    const line = sql.slice(from).search(/[\n\r]/)
    return line < 0 ? sql.length : from + line
  }
  if (mark.startsWith('$')) {
    const end = sql.indexOf(mark, from)
    return end < 0 ? undefined : end + mark.length
  }
  for (let at = from; at < sql.length; at++) {
    if (isEscaping && sql[at] === '\\') at++
    else if (sql[at] === mark) {
      if (sql[at + 1] !== mark) return at + 1
      at++
    }
  }
  return undefined
}

function endOfComment(sql: string, from: number): number | undefined {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  for (let depth = 1; ; ) {
    const found = marks.exec(sql)
    if (found === null) return undefined
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
}
