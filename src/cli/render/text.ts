// Aligned columns, wrapped sentences, lengths that do not count colour codes.

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with the escape character
const colorCodes = /\u001b\[[0-9;]*m/g

/** Beside line ends, tabs and colour codes: what moves the cursor, asks the terminal something or turns the direction of text. */
const commands =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /\u001b(?!\[[0-9;]*m)|[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Values of data, names of columns and lines of logs are printed, and never obeyed. */
export function harmless(text: string): string {
  return text
    .replaceAll(/\r(?!\n)/g, ' ')
    .replaceAll(
      commands,
      (mark) => `[U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
}

export function plainText(text: string): string {
  return text.replaceAll(colorCodes, '')
}

export function visibleWidth(text: string): number {
  return [...plainText(text)].length
}

export type Cell = string | number | null | undefined

/** Columns as wide as their widest cell, two spaces between; numbers to the right; an empty table is no lines. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  if (rows.length === 0) return []
  return columns([header.map((title) => title.toUpperCase()), ...rows])
}

/** Rows without a header. */
export function columns(rows: readonly (readonly Cell[])[]): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const indexes = Array.from({ length: count }, (_, index) => index)
  const widths = indexes.map((index) =>
    Math.max(...rows.map((row) => visibleWidth(cellText(row[index])))),
  )
  const rightAligned = indexes.map((index) => rows.some((row) => typeof row[index] === 'number'))
  return rows.map((row) =>
    indexes
      .map((index) => pad(cellText(row[index]), widths[index] ?? 0, rightAligned[index] === true))
      .join('  ')
      .trimEnd(),
  )
}

export function indent(lines: readonly string[], by = '  '): string[] {
  return lines.map((line) => (line === '' ? '' : by + line))
}

/** Lines of whole words, none wider than `width` unless one word is. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && visibleWidth(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return line === '' ? lines : [...lines, line]
}

export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : `${noun}s`}`
}

function pad(text: string, width: number, toTheRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - visibleWidth(text)))
  return toTheRight ? space + text : text + space
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '-'
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : cell
}
