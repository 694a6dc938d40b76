import { describe, expect, test } from 'vitest'
import type { AnalysisSpec } from '../../project/environment-spec.ts'
import { analyseRollout, harmShares } from './analyse-rollout.ts'
import type { RolloutEvidence } from './rollout-evidence.ts'

const spec: AnalysisSpec = {
  alpha: 0.05,
  harmRatio: 1,
  maxErrorRate: 0.02,
  minRequests: 100,
  deadlineMs: 60_000,
  onInsufficient: 'pause',
}

function at10(
  candidate: { errors?: number; rejected?: number },
  stable: { errors?: number; rejected?: number },
): RolloutEvidence {
  const counts = (requests: number, { errors = 0, rejected = 0 }) => ({
    requests,
    errors,
    rejected,
  })
  return {
    segments: [
      { candidateBp: 1000, candidate: counts(400, candidate), stable: counts(3600, stable) },
    ],
    mirror: { requests: 0, errors: 0 },
    firstCandidateErrorAt: null,
    lastCandidateAnswerAt: null,
  }
}

describe('given a candidate that answers a tenth of the traffic', () => {
  test('when it rejects requests that stable takes, then it is harm although nothing failed', () => {
    const { verdict, because } = analyseRollout(at10({ rejected: 12 }, { rejected: 0 }), spec)
    expect(verdict).toBe('fail')
    expect(because).toContain('rejected 12 of 400 requests as wrong, stable 0 of 3600')
  })

  test('when callers send rubbish to both sides alike, then it is no harm', () => {
    const { verdict } = analyseRollout(at10({ rejected: 20 }, { rejected: 180 }), spec)
    expect(verdict).toBe('pass')
  })

  test('when it fails where stable does not, then a few errors are enough', () => {
    expect(analyseRollout(at10({ errors: 4 }, {}), spec).verdict).toBe('fail')
    expect(analyseRollout(at10({ errors: 1 }, {}), spec).verdict).not.toBe('fail')
  })

  test('the ways to fail share alpha among them', () => {
    const total = Object.values(harmShares).reduce((sum, share) => sum + share, 0)
    expect(total).toBeCloseTo(1)
  })
})
