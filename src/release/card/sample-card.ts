// A card as tests need it: scores of a seeded stream, two groups, one check, and a manifest.

import { randomStream } from '../../foundation/random.ts'
import type { DatasetProfile } from '../../verify/data/profile/profile.ts'
import { gateDefaults } from '../../verify/gates/judge-gates.ts'
import { manifest } from '../sample-release.ts'
import { cardFactsOf } from './card-facts.ts'
import type { CardRequest } from './card-request.ts'
import { performanceFacts, type ScoredGroups } from './performance-facts.ts'

/** `shift` moves the scores of positives, so that two models can differ by a known amount. */
export function scoredRows(rows: number, shift = 0): ScoredGroups {
  const random = randomStream('card', 'rows')
  const labels = new Uint8Array(rows)
  const scores = new Float64Array(rows)
  const sex: string[] = []
  for (let row = 0; row < rows; row++) {
    labels[row] = random.next() < 0.3 ? 1 : 0
    const logit = -1 + (labels[row] === 1 ? 1.6 + shift : 0) + random.normal()
    scores[row] = Math.fround(1 / (1 + Math.exp(-logit)))
    sex.push(random.next() < 0.5 ? 'Female' : 'Male')
  }
  return { task: 'binary', labels, scores, threshold: 0.5, groups: new Map([['sex', sex]]) }
}

export const profile: DatasetProfile = {
  rows: 100,
  columns: {
    age: {
      ...{ kind: 'numeric', lowest: 0, edges: [10, 20, 40], counts: [25, 50, 25] },
      ...{ under: 0, over: 0, missing: 2, nonfinite: 0, mean: 17, std: 8, min: 0, max: 40 },
    },
    job: {
      kind: 'category',
      categories: ['clerk', 'cook'],
      counts: [10, 90],
      other: 0,
      missing: 0,
    },
  },
}

export function sampleCard(statement: string | null = null): CardRequest {
  const facts = cardFactsOf({
    spec: {
      model: {
        name: 'income',
        artifact: 'model.onnx',
        owner: 'team',
        description: 'who earns more',
        runbook: null,
      },
      evaluate: { data: 'holdout.csv', label: 'y', threshold: 0.5 },
    },
    reports: [
      {
        verdict: 'pass',
        gates: [
          {
            name: 'quality',
            verdict: 'pass',
            checks: [
              {
                ...{
                  id: 'auc',
                  text: 'roc_auc >= 0.9',
                  written: 'roc_auc >= 0.9',
                  verdict: 'pass',
                  because: '0.92 | at least 0.9',
                },
                ...{
                  method: 'DeLong',
                  estimate: 0.92,
                  lower: 0.91,
                  position: { line: 1, column: 1 },
                },
                ...{ spec: null, settings: gateDefaults },
                statistics: { method: 'skipped', because: '' },
              },
            ],
          },
        ],
      },
    ],
    performance: performanceFacts(scoredRows(2000)),
    profile,
    predictions: null,
    statement,
  })
  return { manifest, number: 3, facts, signedBy: 'a-key' }
}
