// Step declarations for tests: only what a test cares about is written out.
import type { StepSpec } from '../../project/step-spec.ts'

export function aStep(name: string, parts: Partial<StepSpec> = {}): StepSpec {
  return {
    name,
    command: { argv: ['true'] },
    inputs: [],
    params: [],
    outputs: [],
    environment: {},
    timeoutMs: 60_000,
    retries: 0,
    seed: null,
    ...parts,
  }
}
