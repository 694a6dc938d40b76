// Text inside pickles as Python reads it: quoted strings with escapes (protocol 0) and raw-unicode-escape lines.
// A scanner that reads `S'\x6fs'` as anything but "os" looks past the import it hides.
import { latin1 } from './byte-source.ts'

/** `'o\x73'` → `os`; undefined where Python would refuse it. */
export function unescapeString(line: Uint8Array): string | undefined {
  const text = latin1(line).trim()
  const quote = text[0]
  if (text.length < 2 || (quote !== "'" && quote !== '"') || text.at(-1) !== quote) return undefined
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (_, escaped: string) => {
      if (/^x[0-9a-fA-F]{2}$/.test(escaped))
        return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
      if (/^[0-7]/.test(escaped)) return String.fromCharCode(Number.parseInt(escaped, 8) & 0xff)
      return plainEscapes[escaped] ?? `\\${escaped}`
    })
}

const plainEscapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** raw-unicode-escape: only `\uXXXX` and `\UXXXXXXXX` stand for something else. */
export function unescapeUnicode(line: Uint8Array): string {
  return latin1(line).replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[\s\S])/g,
    (whole, short: string | undefined, long: string | undefined) => {
      // NaN, and so the whole, for a backslash before anything else: it hides the next one.
      const point = Number.parseInt(short ?? long ?? '', 16)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    },
  )
}

/** A decimal line as Python's int() takes it, also `0x`-less with a sign, spaces or underscores; undefined otherwise. */
export function readInt(line: Uint8Array): number | undefined {
  const text = latin1(line).trim().replace(/L$/, '')
  if (!/^[+-]?\d[\d_]*$/.test(text)) return undefined
  return Number(text.replaceAll('_', ''))
}
