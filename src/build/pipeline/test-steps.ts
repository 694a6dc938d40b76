// Step declarations for tests: only what a test cares about is written out.
import { plainStep, type StepSpec } from '../../project/step-spec.ts'

export function aStep(name: string, parts: Partial<StepSpec> = {}): StepSpec {
  return {
    ...plainStep,
    name,
    declaredAs: name,
    command: { argv: ['true'] },
    timeoutMs: 60_000,
    ...parts,
  }
}
