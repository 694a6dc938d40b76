// One line per check, as a person would write it.
import { expect, test } from 'vitest'
import { rawChecks } from '../../project/raw-checks.ts'
import { writtenCheck } from './language/written-check.ts'

const written = (line: Parameters<typeof rawChecks>[0]) => rawChecks(line, null).map(writtenCheck)

test('options stand beside the line', () => {
  expect(written({ 'recall >= 0.4': { each: 'sex' } })).toEqual(['recall >= 0.4 {each: sex}'])
  expect(written(' rows >= 100 ')).toEqual(['rows >= 100'])
})

test('an SQL check shows its name or its statement, once', () => {
  const sql = 'select *\n  from this'
  expect(written({ sql, name: 'orphans' })).toEqual(['sql(orphans)'])
  expect(written({ sql })).toEqual(['sql "select * from this"'])
  expect(written({ sql, name: 'orphans', expect: '<= 5 rows' })).toEqual([
    'sql(orphans) {expect: <= 5 rows}',
  ])
  expect(written('sql "select 1" >= 1')).toEqual(['sql "select 1" >= 1'])
})
