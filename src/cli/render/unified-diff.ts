// Two texts as a unified diff, as `diff -u` and `patch` know it.

const context = 3

interface Line {
  readonly sign: ' ' | '-' | '+'
  readonly text: string
}

/** Empty when the texts are equal. */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return ''
  const lines = linesOf(before.split('\n'), after.split('\n'))
  const out = [`--- a/${name}`, `+++ b/${name}`]
  for (const [from, to] of hunksOf(lines)) {
    const hunk = lines.slice(from, to)
    const count = (sign: Line['sign']) => hunk.filter((one) => one.sign !== sign).length
    const start = (sign: Line['sign']) =>
      lines.slice(0, from).filter((one) => one.sign !== sign).length + 1
    out.push(`@@ -${start('+')},${count('+')} +${start('-')},${count('-')} @@`)
    out.push(...hunk.map(({ sign, text }) => `${sign}${text}`))
  }
  return `${out.join('\n')}\n`
}

/** By the longest common subsequence of what lies between the equal beginning and the equal end. */
function linesOf(before: readonly string[], after: readonly string[]): readonly Line[] {
  let head = 0
  while (head < before.length && head < after.length && before[head] === after[head]) head++
  let tail = 0
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before.at(-1 - tail) === after.at(-1 - tail)
  )
    tail++
  const same = (texts: readonly string[]) => texts.map((text): Line => ({ sign: ' ', text }))
  return [
    ...same(before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ]
}

function middle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const width = after.length + 1
  const longest = new Uint32Array((before.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] ?? 0
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      longest[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < before.length || j < after.length) {
    const old = before[i]
    const fresh = after[j]
    if (old !== undefined && old === fresh) {
      lines.push({ sign: ' ', text: old })
      i++
      j++
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: old })
      i++
    } else {
      lines.push({ sign: '+', text: fresh ?? '' })
      j++
    }
  }
  return lines
}

/** Ranges of lines that changed, with a few around them; near ones together. */
function hunksOf(lines: readonly Line[]): readonly (readonly [number, number])[] {
  const hunks: [number, number][] = []
  for (const [index, { sign }] of lines.entries()) {
    if (sign === ' ') continue
    const last = hunks.at(-1)
    const from = Math.max(0, index - context)
    const to = Math.min(lines.length, index + context + 1)
    if (last !== undefined && from <= last[1]) last[1] = to
    else hunks.push([from, to])
  }
  return hunks
}
