// Where a verb answers: the answer on standard output, everything said along the way on standard error.
// With --json the answer is one JSON document and nothing else is on standard output.
import { createPaint, type Paint } from './render/paint.ts'
import { harmless, plainText, visibleWidth } from './render/text.ts'
import type { TextStream } from './world.ts'

export interface Output {
  readonly json: boolean
  /** For standard output. */
  readonly paint: Paint
  /** For standard error. */
  readonly notePaint: Paint
  readonly columns: number
  /** Does `progress` redraw one line? */
  readonly live: boolean
  /** The answer for people; silent with --json. */
  print(...lines: readonly string[]): void
  /** The answer for programs; silent without --json. */
  document(value: unknown): void
  /** One document of a stream. */
  documentLine(value: unknown): void
  /** Said along the way. */
  note(...lines: readonly string[]): void
  /** The state of something that takes time: one or more redrawn lines on a terminal, nothing elsewhere. */
  progress(lines: string): void
}

export interface OutputOptions {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  readonly color: boolean
}

export function createOutput({ stdout, stderr, env, json, color }: OutputOptions): Output {
  const paintFor = (stream: TextStream) =>
    createPaint(color && stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb')
  const live = stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI
  const columns = stdout.columns || 100
  /** What stands below the last line now. */
  let drawn = ''
  const wipe = () =>
    drawn === '' ? '' : `\r\u001b[2K${'\u001b[1A\u001b[2K'.repeat(drawn.split('\n').length - 1)}`
  const clear = () => {
    if (drawn !== '') stderr.write(wipe())
    drawn = ''
  }
  return {
    json,
    paint: paintFor(stdout),
    notePaint: paintFor(stderr),
    columns,
    live,
    print: (...lines) => {
      if (json) return
      clear()
      for (const line of lines) stdout.write(`${harmless(line)}\n`)
    },
    document: (value) => {
      if (!json) return
      clear()
      stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    },
    documentLine: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`)
    },
    note: (...lines) => {
      clear()
      for (const line of lines) stderr.write(`${harmless(line)}\n`)
    },
    progress: (text) => {
      if (!live) return
      const width = (stderr.columns || 80) - 1
      const next = harmless(text)
        .split('\n')
        .map((line) => (visibleWidth(line) > width ? shortened(line, width) : line))
        .join('\n')
      if (next === drawn) return
      // One write, so that nothing flickers.
      stderr.write(wipe() + next)
      drawn = next
    },
  }
}

/** Colours are dropped from a line that must be cut, so that no colour code is cut in half. */
function shortened(line: string, width: number): string {
  return `${plainText(line).slice(0, Math.max(0, width - 1))}…`
}
