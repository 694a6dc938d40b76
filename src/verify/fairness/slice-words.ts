// The words of a slice declaration: names, numbers, quoted texts and marks, each with its place.

export interface SliceWord {
  readonly kind: 'word' | 'quoted' | 'mark' | 'end'
  readonly text: string
  readonly offset: number
  readonly length: number
}

const marks = /^(<=|>=|!=|==|[<>=≤≥≠()[\]{},@×])/
const word = /^[^\s<>=!≤≥≠()[\]{},@×"']+/
const quoted = /^("[^"]*"|'[^']*')/

const sameMark: Readonly<Record<string, string>> = { '≤': '<=', '≥': '>=', '≠': '!=', '==': '=' }

/** Ends with a word of kind `end`; an unclosed quote or a stray sign becomes a mark no rule accepts. */
export function splitSlice(text: string): readonly SliceWord[] {
  const words: SliceWord[] = []
  let offset = 0
  while (offset < text.length) {
    const rest = text.slice(offset)
    const space = /^\s+/.exec(rest)?.[0].length ?? 0
    if (space > 0) {
      offset += space
      continue
    }
    const found = wordAt(rest)
    words.push({ ...found, offset })
    offset += found.length
  }
  words.push({ kind: 'end', text: '', offset: text.length, length: 1 })
  return words
}

function wordAt(rest: string): Omit<SliceWord, 'offset'> {
  const name = quoted.exec(rest)?.[0]
  if (name !== undefined) return { kind: 'quoted', text: name.slice(1, -1), length: name.length }
  const mark = marks.exec(rest)?.[0]
  if (mark !== undefined) {
    return { kind: 'mark', text: sameMark[mark] ?? mark, length: mark.length }
  }
  const plain = word.exec(rest)?.[0]
  if (plain !== undefined) return { kind: 'word', text: plain, length: plain.length }
  return { kind: 'mark', text: rest[0] ?? '', length: 1 }
}

/** Written so that it reads back as the same name: quoted when it holds a space or a mark, or is a word of the grammar. */
export function quoteSliceName(name: string): string {
  const isPlain = word.exec(name)?.[0] === name && !reserved.has(name)
  if (isPlain) return name
  return quoteAlways(name)
}

/** Plain words may stand together in a value: `Self employed`. */
export function quoteSliceValue(value: string): string {
  const words = value.split(' ')
  return words.every((one) => quoteSliceName(one) === one) ? value : quoteAlways(value)
}

function quoteAlways(name: string): string {
  return name.includes('"') ? `'${name}'` : `"${name}"`
}

const reserved: ReadonlySet<string> = new Set(['x', 'and', 'in', 'is', 'not', 'between', 'missing'])
