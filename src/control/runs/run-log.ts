// What steps print while they run, kept for `lockstep logs`: the last lines of each run in memory, the whole in each step's own log.
import type { Clock, Instant } from '../../foundation/clock.ts'

export interface LogLine {
  readonly at: Instant
  readonly run: string
  readonly step: string
  readonly line: string
}

export interface RunLog {
  write(run: string, step: string, line: string): void
  /** Lines from number `after` on (0 is the first ever written); `next` is what to ask for next. */
  read(query: { readonly run?: string; readonly step?: string; readonly after: number }): {
    readonly lines: readonly LogLine[]
    readonly next: number
  }
}

const mostLines = 20_000
const longestLine = 4000

export function createRunLog(clock: Clock): RunLog {
  const lines: LogLine[] = []
  let dropped = 0
  return {
    write(run, step, line) {
      lines.push({ at: clock.now(), run, step, line: line.slice(0, longestLine) })
      if (lines.length > mostLines) dropped += lines.splice(0, mostLines / 10).length
    },
    read({ run, step, after }) {
      const wanted = lines
        .slice(Math.max(0, after - dropped))
        .filter(
          (one) =>
            (run === undefined || one.run === run) && (step === undefined || one.step === step),
        )
      return { lines: wanted, next: dropped + lines.length }
    },
  }
}
