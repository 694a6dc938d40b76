// What the gates found: once as in-toto's own test result, which any tool can read, and once with the numbers and intervals
// that the verdicts follow from. Source: in-toto/attestation, spec/predicates/test-result.md (v0.1).
import type { ReleaseManifest } from '../manifest.ts'
import { bytesOfStatement, sha256, subjectsOf } from './statement.ts'

export const testResultPredicate = 'https://in-toto.io/attestation/test-result/v0.1'
export const gatesPredicate = 'https://lockstep.dev/gates/v1'

export interface GateFacts {
  readonly name: string
  readonly verdict: string
  readonly checks: readonly CheckFacts[]
}

export interface CheckFacts {
  readonly id: string
  readonly text: string
  readonly verdict: string
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly because: string
}

/** A check that was skipped decided nothing and is named nowhere; a waived one is a warning to whoever reads only this. */
export function testResultStatement(
  manifest: ReleaseManifest,
  gates: readonly GateFacts[],
): Uint8Array {
  const tests = gates.flatMap((gate) =>
    gate.checks.map(({ id, verdict }) => ({ name: `${gate.name}/${id}`, verdict })),
  )
  const named = (...verdicts: readonly string[]) =>
    tests.filter(({ verdict }) => verdicts.includes(verdict)).map(({ name }) => name)
  const passedTests = named('pass')
  const warnedTests = named('warn', 'waived')
  const failedTests = named('fail', 'error', 'insufficient')
  const result = failedTests.length > 0 ? 'FAILED' : warnedTests.length > 0 ? 'WARNED' : 'PASSED'
  return bytesOfStatement({
    subject: subjectsOf(manifest),
    predicateType: testResultPredicate,
    predicate: {
      result,
      configuration: [{ name: 'gates', digest: sha256(manifest.gates.definition) }],
      passedTests,
      warnedTests,
      failedTests,
    },
  })
}

/** Every number again, and the document from which each verdict can be computed anew. */
export function gatesStatement(manifest: ReleaseManifest, gates: readonly GateFacts[]): Uint8Array {
  const { definition, evidence, verdict } = manifest.gates
  return bytesOfStatement({
    subject: subjectsOf(manifest),
    predicateType: gatesPredicate,
    predicate: {
      verdict,
      definition: { digest: sha256(definition) },
      evidence: { name: 'gate evidence', digest: sha256(evidence) },
      gates: gates.map((gate) => ({
        name: gate.name,
        verdict: gate.verdict,
        checks: gate.checks.map(({ id, text, verdict, estimate, lower, upper, because }) => ({
          ...{ id, text, verdict, because },
          ...{ estimate: finite(estimate), lower: finite(lower), upper: finite(upper) },
        })),
      })),
    },
  })
}

/** JSON has no infinity: an open side of an interval is null. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null
}
