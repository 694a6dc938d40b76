// What the checks of a project name, so that only that is measured: other models cost a process each, columns memory. Read from the
// words of the checks and not from their meaning: too much costs time, too little would cost a verdict. Pure.
import type { ProjectSpec } from '../../../project/project-spec.ts'

export interface AskedFor {
  /** Every text a check or a slice is written in, options too. */
  readonly texts: readonly string[]
  readonly champion: boolean
  readonly anchor: boolean
  /** Comparison with the predictions of the training code. */
  readonly training: boolean
  /** Names of baselines. */
  readonly baselines: ReadonlySet<string>
}

export function askedFor({ gates, evaluate }: Pick<ProjectSpec, 'gates' | 'evaluate'>): AskedFor {
  const checks = gates.flatMap((gate) => gate.checks)
  const written = checks.flatMap(({ text, options }) => [text, ...textsIn(options)])
  const names = (word: string) => written.some((text) => new RegExp(`\\b${word}\\b`).test(text))
  return {
    texts: [...written, ...evaluate.slices],
    champion: names('champion'),
    anchor: names('anchor'),
    training: names('training'),
    baselines: new Set(
      written.flatMap((text) =>
        [...text.matchAll(/\bbaseline\s*\(\s*([\w-]+)\s*\)/g)].map(([, name = '']) => name),
      ),
    ),
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
}
