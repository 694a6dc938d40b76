// Colours by meaning. Every word keeps its sense without them.
import colors from 'picocolors'

export interface Paint {
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
  active(text: string): string
  quiet(text: string): string
  strong(text: string): string
  /** Tells things apart that stand beside each other: the nth of a few colours without a meaning. */
  nth(index: number, text: string): string
}

export function createPaint(enabled: boolean): Paint {
  const on = colors.createColors(enabled)
  const shades = [on.cyan, on.magenta, on.blue, on.yellow, on.green]
  return {
    good: on.green,
    bad: on.red,
    warn: on.yellow,
    active: on.cyan,
    quiet: on.dim,
    strong: on.bold,
    nth: (index, text) => shades[index % shades.length]?.(text) ?? text,
  }
}
