// Puts a copy's values in the place of every ${…} of a declared step, and reports what stands for nothing. Pure.
import { didYouMean } from './problems.ts'
import { type StepCopy, textOf } from './step-copies.ts'

type Path = readonly (string | number)[]

export interface Filling {
  readonly copy: StepCopy
  readonly report: (path: Path, message: string, hint?: string) => void
}

const pattern = /(\$?)\$\{([^{}]*)\}/g

/** `$${` stands for `${` itself. */
export function fill({ copy, report }: Filling, text: string, path: Path): string {
  return text.replace(pattern, (whole, escaped, name: string) => {
    if (escaped !== '') return whole.slice(1)
    if (copy.values.has(name)) return textOf(copy.values.get(name) ?? null)
    const [message, hint] = unknown(copy, name)
    report(path, message, hint)
    return whole
  })
}

/** In a shell script ${…} is the shell's own, but for the names this step gives: their values are put in as text, so they must be plain. */
export function fillShell({ copy, report }: Filling, script: string, path: Path): string {
  const own = new Set([...copy.values.keys()].map((name) => name.split('.')[0]))
  return script.replace(pattern, (whole, escaped, name: string) => {
    if (!own.has(name.split('.')[0])) return whole
    if (escaped !== '') return whole.slice(1)
    if (!copy.values.has(name)) {
      const [message, hint] = unknown(copy, name)
      report(path, message, hint)
      return whole
    }
    const text = textOf(copy.values.get(name) ?? null)
    if (/^[\w@%+=:,./-]*$/.test(text)) return text
    report(
      path,
      `the value ${JSON.stringify(text)} of \${${name}} has characters that a shell reads`,
      'use run, or put it into env and write "$NAME" in the script',
    )
    return whole
  })
}

function unknown(copy: StepCopy, name: string): readonly [string, string | undefined] {
  const known = [...copy.values.keys()]
  const guess = didYouMean(name, known)
  if (known.length > 0) {
    const names = known.map((one) => `\${${one}}`).join(', ')
    return [
      `\${${name}} stands for nothing here; known: ${names}`,
      guess && `did you mean \${${guess}}?`,
    ]
  }
  return [
    `\${${name}} stands for nothing: this step has no foreach, matrix or seeds`,
    `for a variable of the shell use shell; for the characters themselves write $\${`,
  ]
}
