// Steps of one declaration with the same fate, as one line: `train ×12`.

export interface Folded<Step> {
  readonly name: string
  readonly steps: readonly Step[]
}

/** Fewer are easier to read one by one. */
const fewest = 4

/** @param fateOf steps are folded only with their like. In order of the first of each. */
export function foldSteps<Step extends { readonly name: string; readonly declaredAs: string }>(
  steps: readonly Step[],
  fateOf: (step: Step) => string,
): Folded<Step>[] {
  const groups = new Map<string, Step[]>()
  for (const step of steps) {
    const key = JSON.stringify([step.declaredAs, fateOf(step)])
    const group = groups.get(key)
    if (group) group.push(step)
    else groups.set(key, [step])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first || group.length < fewest)
      return group.map((step) => ({ name: step.name, steps: [step] }))
    return [{ name: `${first.declaredAs} ×${group.length}`, steps: group }]
  })
}
