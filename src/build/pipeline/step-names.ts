// The steps a person means: by name, or by the declaration that several were made from.
import type { StepSpec } from '../../project/step-spec.ts'

/** `train` means `train@a` and `train@b` when both were declared as `train`. What nothing is called stays, for the graph to refuse. */
export function namesMeant(
  steps: readonly Pick<StepSpec, 'name' | 'declaredAs'>[],
  asked: readonly string[],
): string[] {
  const meant = asked.flatMap((name) => {
    if (steps.some((step) => step.name === name)) return [name]
    const made = steps.filter((step) => step.declaredAs === name).map((step) => step.name)
    return made.length > 0 ? made : [name]
  })
  return [...new Set(meant)]
}
