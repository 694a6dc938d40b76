// Checks that were asked of nothing: an empty list of answers, rows that nothing was done to, scores that are no numbers.
import { describe, expect, test } from 'vitest'
import type { CheckStatistics } from '../check-result.ts'
import { hasProblems } from '../check-spec.ts'
import { readinessFamily } from '../families/readiness.ts'
import type { GateEvidenceInput } from '../gate-evidence.ts'
import { judgeCheck } from '../judge-check.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'

function judged(line: string, statistics: CheckStatistics, options = {}) {
  const spec = parseCheck(line, options)
  if (hasProblems(spec)) throw new Error(JSON.stringify(spec.problems))
  const { verdict, because } = judgeCheck(spec, statistics, gateDefaults)
  return `${verdict}: ${because}`
}

const same = {
  ...{ rows: 64, numbers: 64, labels: 0, maxDifference: 0, numbersDiffering: 0 },
  labelsDiffering: 0,
}

describe('nothing that was looked at is no pass', () => {
  test.each<[string, CheckStatistics, string]>([
    [
      'bad_input refused',
      { method: 'bad_input', answers: [], aliveAfter: true },
      'no wrong request',
    ],
    [
      'golden requests',
      { method: 'golden', requests: 0, tolerance: null, differing: 0, differences: [] },
      'golden.json holds no request',
    ],
    [
      'signature honoured',
      {
        ...{ method: 'signature', inputs: ['age'], undeclared: [], takesLabel: null },
        ...{ faults: [], answers: 0 },
      },
      'no answer was looked at',
    ],
    ['deterministic', { method: 'repeats', repeats: [] }, 'no row could be asked twice'],
    [
      'deterministic',
      {
        method: 'repeats',
        repeats: [
          { way: 'asked twice', difference: same },
          { way: 'after a restart', difference: { ...same, rows: 0 } },
        ],
      },
      'no row could be asked twice',
    ],
    [
      'parity(training) <= 1e-5',
      {
        ...{ method: 'training_parity', rows: 0, maxDifference: 0, worstRow: 0, packaged: 0 },
        ...{ training: 0, agreeing: 0 },
      },
      'no row has both predictions',
    ],
  ])('%s', (line, statistics, sentence) => {
    expect(judged(line, statistics)).toContain(`insufficient: ${sentence}`)
  })

  test('a perturbation that changed no value shows nothing about the model', () => {
    const flips = (perturbation: string) =>
      judged(
        'flips <= 1%',
        { method: 'flips', perturbed: [{ perturbation, changed: 0, flips: 0, rows: 5000 }] },
        { perturb: perturbation },
      )
    expect(flips('typo(5%)')).toContain('insufficient: ')
    expect(flips('typo(5%)')).toContain('typo(5%) (it changed no value)')
    // These change what stands beside the values.
    expect(flips('column_order')).toMatch(/^pass/)
  })

  test('scores that are no numbers differ from nothing, and are an error', () => {
    const spec = parseCheck('parity(training) <= 1e-5')
    if (hasProblems(spec) || spec.kind !== 'readiness') throw new Error('it is about readiness')
    const rows = 4
    const evidence: GateEvidenceInput = {
      holdout: {
        scored: {
          ...{ task: 'binary', threshold: 0.5 },
          labels: Uint8Array.from({ length: rows }, (_, row) => row % 2),
          scores: new Float64Array(rows).fill(Number.NaN),
        },
        columns: new Map(),
      },
      baselines: new Map(),
      trainingPredictions: {
        ...{ rows, maxDifference: 0, worstRow: 0, packaged: 0, training: 0, agreeing: rows },
      },
    }
    const found = readinessFamily.measure(spec, evidence, gateDefaults)
    expect(found).toMatchObject({
      method: 'unreadable',
      because: '4 of 4 scores of the model are not numbers',
    })
  })
})
