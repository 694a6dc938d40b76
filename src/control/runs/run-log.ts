// What steps print while they run, for `lockstep logs -f`: the last lines in memory; the whole is in each step's own log object.
import type { Clock, Instant } from '../../foundation/clock.ts'

export interface LogLine {
  readonly at: Instant
  readonly run: string
  readonly step: string
  readonly line: string
}

export interface LogQuery {
  readonly run?: string
  readonly step?: string
  /** How many lines of this same query were read before; only later ones come back. */
  readonly after: number
}

export interface RunLog {
  write(run: string, step: string, line: string): void
  read(query: LogQuery): readonly LogLine[]
}

const mostLines = 20_000
const longestLine = 4000

export function createRunLog(clock: Clock): RunLog {
  const lines: LogLine[] = []
  /** Lines that gave way, per query they would have matched, so that `after` keeps its meaning. */
  const dropped = new Map<string, number>()
  const forget = (line: LogLine) => {
    for (const query of [
      key(),
      key(line.run),
      key(undefined, line.step),
      key(line.run, line.step),
    ]) {
      dropped.set(query, (dropped.get(query) ?? 0) + 1)
    }
  }
  return {
    write(run, step, line) {
      lines.push({ at: clock.now(), run, step, line: line.slice(0, longestLine) })
      if (lines.length > mostLines) lines.splice(0, mostLines / 10).forEach(forget)
    },
    read({ run, step, after }) {
      const wanted = lines.filter(
        (one) =>
          (run === undefined || one.run === run) && (step === undefined || one.step === step),
      )
      return wanted.slice(Math.max(0, after - (dropped.get(key(run, step)) ?? 0)))
    },
  }
}

function key(run = '', step = ''): string {
  return `${run} ${step}`
}
