// A place in a TOML text that moves forward, and errors that name line and column.
import { LockstepError } from '../foundation/errors.ts'

export class TomlCursor {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** One character, whole also outside the basic plane; '' at the end. */
  peek(ahead = 0): string {
    const code = this.text.codePointAt(this.at + ahead)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  slice(from: number, to: number): string {
    return this.text.slice(this.at + from, this.at + to)
  }

  startsWith(word: string): boolean {
    return this.text.startsWith(word, this.at)
  }

  /** By characters that `peek` gave. */
  skip(count: number): void {
    for (let left = count; left > 0; left--) this.at += this.peek().length
  }

  take(sign: string): boolean {
    if (!this.startsWith(sign)) return false
    this.at += sign.length
    return true
  }

  expect(sign: string): void {
    this.skipBlanks()
    if (!this.take(sign)) throw tomlProblem(this, `here stands ${found(this)} instead of ${sign}`)
  }

  takeWhile(sign: RegExp): string {
    const start = this.at
    while (this.at < this.text.length && sign.test(this.text.charAt(this.at))) this.at++
    return this.text.slice(start, this.at)
  }

  skipBlanks(): void {
    this.takeWhile(/[ \t]/)
  }

  skipNewline(): boolean {
    return this.take('\n') || this.take('\r\n')
  }

  skipComment(): void {
    if (!this.take('#')) return
    while (this.peek() !== '' && this.peek() !== '\n' && !this.startsWith('\r\n')) {
      this.refuseControl()
      this.skip(1)
    }
  }

  skipBlanksAndLines(): void {
    do {
      this.skipBlanks()
      this.skipComment()
    } while (this.skipNewline())
  }

  /** What follows a backslash at the end of a line: all white space up to the next character. */
  skipLineEnding(): boolean {
    const rest = /^[ \t]*\r?\n[ \t\r\n]*/.exec(this.text.slice(this.at))
    if (rest === null) return false
    this.at += rest[0].length
    return true
  }

  refuseControl(): void {
    const code = this.text.codePointAt(this.at) ?? 32
    if (code === 9 || (code >= 32 && code !== 127 && !(code >= 0xd800 && code <= 0xdfff))) return
    throw tomlProblem(this, `the control character ${JSON.stringify(this.peek())} must be escaped`)
  }
}

export function tomlProblem(cursor: TomlCursor, message: string, at = cursor.at): LockstepError {
  const before = cursor.text.slice(0, at)
  const line = before.split('\n').length
  const column = at - before.lastIndexOf('\n')
  return new LockstepError({
    code: 'project.toml_invalid',
    kind: 'invalid',
    message: `line ${line}, column ${column}: ${message}`,
    details: { line, column },
  })
}

function found(cursor: TomlCursor): string {
  const sign = cursor.peek()
  return sign === ''
    ? 'the end of the file'
    : sign === '\n'
      ? 'the end of the line'
      : JSON.stringify(sign)
}
