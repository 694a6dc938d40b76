// A schema in lockstep.yaml: found by place, changed in place, comments kept.
import { expect, test } from 'vitest'
import { declaredDataset, editSchema, schemaPlaces, schemaText } from './edit-schema.ts'

const text = `version: 1
data:
  # the survey
  survey:
    path: data
    schema:
      age: {type: integer, between: [0, 90]} # years
      sex:
        in: [a, b] # as asked
`

test('every field is found where its check says it stands', () => {
  expect(schemaPlaces(text, 'survey')).toEqual([
    { column: 'age', field: 'type', line: 7, at: 19 },
    { column: 'age', field: 'between', line: 7, at: 37 },
    { column: 'sex', field: 'in', line: 9, at: 13 },
  ])
  expect(schemaPlaces(text, 'other')).toEqual([])
})

test('a change touches its own line and keeps the comments', () => {
  const edited = editSchema(text, 'survey', [
    { column: 'age', field: 'between', value: [0, 120] },
    { column: 'sex', field: 'in', value: ['a', 'b', 'c'] },
    { column: 'new', field: null, value: { type: 'text' } },
  ])
  expect(edited).toBe(
    text
      .replace('[0, 90]', '[0, 120]')
      .replace('[a, b]', '[a, b, c]')
      .concat('      new: {type: text}\n'),
  )
  expect(
    editSchema(edited, 'survey', [{ column: 'age', field: 'between', value: undefined }]),
  ).toContain('age: {type: integer} # years')
})

test('the declared dataset is read with its defaults', () => {
  expect(declaredDataset(text, 'survey')).toMatchObject({
    columns: 'open',
    schema: { sex: { in: ['a', 'b'] } },
  })
})

test('a proposal says of each line what it was inferred from', () => {
  const columns = [{ name: 'age', column: { type: 'integer' }, because: '5 rows' }]
  expect(schemaText('survey', { path: 'data', columns, checks: ['rows >= 3'] })).toBe(
    'data:\n  survey:\n    path: data\n    schema:\n      age: {type: integer} # inferred: 5 rows\n    checks:\n      - rows >= 3\n',
  )
})
