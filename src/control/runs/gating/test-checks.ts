// The checks of a project that run its own tests, and what they read as inputs of the run: another test makes another run. Pure.
import type { GateSpec } from '../../../project/gate-spec.ts'
import { plainStep, type StepSpec } from '../../../project/step-spec.ts'
import { hasProblems, type TestsCheckSpec } from '../../../verify/gates/check-spec.ts'
import { parseCheck } from '../../../verify/gates/language/parse-check.ts'

export function testChecksOf(gates: readonly GateSpec[]): readonly TestsCheckSpec[] {
  return gates.flatMap(({ checks }) =>
    checks.flatMap(({ text, options }) => {
      const parsed = parseCheck(text, options)
      return !hasProblems(parsed) && parsed.kind === 'tests' ? [parsed] : []
    }),
  )
}

/** As steps that nobody runs, so that their files are pinned, kept and compared like those of any step. */
export function testInputs(gates: readonly GateSpec[]): readonly StepSpec[] {
  return testChecksOf(gates).flatMap(({ id, inputs }) =>
    inputs.length === 0
      ? []
      : [{ ...plainStep, name: id, declaredAs: id, command: { argv: [] }, inputs }],
  )
}
