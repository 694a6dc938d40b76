import { describe, expect, test } from 'vitest'
import { isRefusal } from '../foundation/refusal.ts'
import { metricsIn } from './metrics-file.ts'

describe('the numbers in a metrics file', () => {
  test('JSON and YAML are read alike, by dotted name; lists and words are left out', () => {
    const expected = { auc: 0.91, 'by_class.good.f1': 0.5, 'by_class.bad.f1': 0.25 }
    const tree = {
      ...{ auc: 0.91, model: 'lr', curve: [1, 2] },
      by_class: { good: { f1: 0.5 }, bad: { f1: 0.25 } },
    }
    expect(metricsIn(JSON.stringify(tree), 'metrics.json')).toEqual(expected)
    const yaml = 'auc: 0.91\nmodel: lr\nby_class:\n  good: {f1: 0.5}\n  bad: {f1: 0.25}\n'
    expect(metricsIn(yaml, 'metrics.yaml')).toEqual(expected)
  })

  test.each([
    ['{"auc": ', 'm.json'],
    ['a: [', 'm.yaml'],
    ['{"auc": "high"}', 'm.json'],
    ['0.5', 'm.json'],
    ['', 'm.yaml'],
  ])('%s in %s is refused with the file named', (text, path) => {
    const refusal = metricsIn(text, path)
    expect(isRefusal(refusal)).toBe(true)
    expect(refusal).toMatchObject({ because: expect.stringContaining(path) })
  })
})
