import { expect, test } from 'vitest'
import { namesMeant } from './step-names.ts'

const steps = ['prepare', 'train@1', 'train@2'].map((name) => ({
  name,
  declaredAs: name.replace(/@.*/, ''),
}))

test('the name of a declaration means all its steps, each once', () => {
  expect(namesMeant(steps, ['train', 'train@1', 'prepare'])).toEqual([
    'train@1',
    'train@2',
    'prepare',
  ])
})

test('a name that nothing has stays, to be refused with what there is', () => {
  expect(namesMeant(steps, ['tarin'])).toEqual(['tarin'])
})
