// Lines of steps as they come, each behind the name of its step in a colour of its own. One question brings all new lines.
import type { LockstepApi } from '../api/contract/routes.ts'
import type { LogLineView } from '../api/contract/views.ts'
import type { Paint } from './render/paint.ts'
import { timeOfDay } from './render/time.ts'
import type { Call } from './verb.ts'

export interface LogTail {
  /** Prints what came since the last look. */
  look(): Promise<void>
}

/** Beside a run its lines are said along the way, so that the answer stays alone on standard output. */
export function createLogTail(
  { output }: Call,
  api: LockstepApi,
  query: { readonly run: string },
): LogTail {
  const line = logPainter(output.notePaint)
  let seen = 0
  return {
    async look() {
      const lines = await api.logs({ ...query, after: seen })
      seen += lines.length
      output.note(...lines.slice(-mostAtOnce).map(line))
    },
  }
}

/** A call has room for so many arguments; a flood has more lines than anyone reads. */
const mostAtOnce = 5000

/** `09:00:00 train@2 │ epoch 3`: names are padded to the longest seen so far. */
export function logPainter(paint: Paint): (line: LogLineView) => string {
  const shades = new Map<string, number>()
  let width = 0
  return ({ at, source, line }) => {
    const shade = shades.get(source) ?? shades.size
    shades.set(source, shade)
    width = Math.max(width, Math.min(source.length, 30))
    return `${paint.quiet(timeOfDay(at))} ${paint.nth(shade, `${source.padEnd(width)} │`)} ${line}`
  }
}
