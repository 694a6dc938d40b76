// Colours by meaning. Every word keeps its sense without them.
import colors from 'picocolors'

export interface Paint {
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  active(text: string): string
  quiet(text: string): string
  strong(text: string): string
}

export function createPaint(enabled: boolean): Paint {
  const on = colors.createColors(enabled)
  return {
    good: on.green,
    bad: on.red,
    warn: on.yellow,
    active: on.cyan,
    quiet: on.dim,
    strong: on.bold,
  }
}
