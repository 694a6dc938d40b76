import { describe, expect, test } from 'vitest'
import { samplesOf } from './recipe-evidence.ts'

describe('the numbers of a recipe', () => {
  test('are those of every step that wrote some, replicates told apart by their names', () => {
    const seed = (at: number, metrics = { roc_auc: 0.9 + at / 100 }) => ({
      name: `train@seed-${at}`,
      declaredAs: 'train',
      metrics,
    })
    const prepare = { name: 'prepare', declaredAs: 'prepare', metrics: {} }
    expect(samplesOf([prepare, seed(1), seed(2)])).toEqual([
      { step: 'train', replicate: 'train@seed-1', metrics: { roc_auc: 0.91 } },
      { step: 'train', replicate: 'train@seed-2', metrics: { roc_auc: 0.92 } },
    ])
  })
})
