import { expect, test } from 'vitest'
import { explainChange } from './explain-change.ts'

const before = { C: 1, columns: ['age', 'education'], deep: { unseen: 'ignore' }, gone: true }

test('equal values give no sentence, whatever the order of their keys', () => {
  expect(explainChange('train', { a: 1, b: [2] }, { b: [2], a: 1 })).toEqual([])
})

test('each leaf that differs has its own sentence', () => {
  const after = { C: 0.5, columns: ['age', 'income'], deep: { unseen: 'error' }, fresh: 'x' }
  expect(explainChange('train', before, after)).toEqual([
    'train.C changed from 1 to 0.5',
    'train.columns gained income and lost education',
    'train.deep.unseen changed from "ignore" to "error"',
    'train.fresh is new: "x"',
    'train.gone is gone',
  ])
})

test('a long list names the first few and counts the rest', () => {
  const [sentence] = explainChange('columns', [], ['a', 'b', 'c', 'd', 'e'])
  expect(sentence).toBe('columns gained a, b, c and 2 more')
})

test('a list in another order says so', () => {
  expect(explainChange('columns', ['a', 'b'], ['b', 'a'])).toEqual(['columns changed its order'])
})

test('a key that every object inherits is a key like any other', () => {
  expect(explainChange('p', { valueOf: '' }, {})).toEqual(['p.valueOf is gone'])
  expect(explainChange('p', {}, { toString: 1 })).toEqual(['p.toString is new: 1'])
})
