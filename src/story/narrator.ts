// Tells the story in the terminal: chapters, what happens and why, with elapsed time; progress on anything longer than a second.
import { formatDuration } from '../foundation/duration.ts'
import { every, stopwatch } from '../foundation/system-clock.ts'

export interface Narrator {
  chapter(number: number, title: string): void
  /** What happens and why. */
  say(text: string): void
  /** The command a person would type for what the story does next. */
  command(line: string): void
  /** A line that must be true for the chapter to have ended as it should. */
  check(sentence: string, holds: boolean): boolean
  /** Shows `text` with a running clock until `work` settles; at once gone when it was quick. */
  progress<T>(text: string | (() => string), work: Promise<T>): Promise<T>
}

export interface Screen {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

export function createNarrator(screen: Screen, quiet: 'quiet' | 'loud', color: boolean): Narrator {
  const elapsed = stopwatch()
  const paint = (code: string, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const line = (text: string) => {
    if (quiet === 'loud') screen.write(`${text}\n`)
  }
  const stamp = () => paint('2', `${(elapsed() / 1000).toFixed(1).padStart(5)} s`)
  return {
    chapter: (number, title) => line(`\n${paint('1', `${number}. ${title}`)}`),
    say: (text) => line(`${stamp()}  ${text}`),
    command: (text) => line(`         ${paint('36', `$ ${text}`)}`),
    check(sentence, holds) {
      line(`${stamp()}  ${holds ? paint('32', '✓') : paint('31', '✗ NOT SO:')} ${sentence}`)
      return holds
    },
    async progress(text, work) {
      if (quiet === 'quiet' || !screen.isTTY) return work
      const since = stopwatch()
      const stop = every(200, () => {
        const shown = typeof text === 'string' ? text : text()
        screen.write(
          `\r\u001b[K         ${`… ${shown} ${formatDuration(since())}`.slice(0, (screen.columns ?? 80) - 10)}`,
        )
      })
      try {
        return await work
      } finally {
        stop()
        screen.write('\r\u001b[K')
      }
    },
  }
}
