// Contracts in the shapes the standard's own pages show, and what becomes of each of their rules.
import { describe, expect, test } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import { translateOdcs } from './odcs.ts'
import { odcsText } from './write-odcs.ts'

function contract(schema: string): string {
  return `kind: DataContract\napiVersion: v3.1.0\nschema:\n  - name: orders\n${schema.replace(/^/gm, '    ')}`
}

function translated(schema: string) {
  const dataset = translateOdcs(contract(schema), null)
  if (isRefusal(dataset)) throw new Error(dataset.because)
  return dataset
}

describe('a property', () => {
  test('becomes a column: type, key, size, enumeration', () => {
    const { schema, notes } = translated(
      'properties:\n  - {name: id, physicalName: order_id, primaryKey: true, logicalType: string, physicalType: varchar(36), unique: true}\n  - {name: status, logicalType: string, required: true, enum: [{value: new}, {value: shipped}]}\n  - {name: age, logicalType: integer, logicalTypeOptions: {minimum: 18, exclusiveMaximum: 100}}\n  - {name: mail, logicalType: string, logicalTypeOptions: {format: email, pattern: "@"}}',
    )
    expect(schema).toEqual({
      order_id: { type: 'text', required: true, unique: true, role: 'key', length: [0, 36] },
      status: { type: 'text', required: true, in: ['new', 'shipped'] },
      age: { type: 'integer', min: 18, max: 99 },
      mail: { type: 'text', format: 'email', matches: '@' },
    })
    expect(notes).toEqual([])
  })

  test('that is not required may lack values, and is not thereby allowed to be absent', () => {
    expect(
      translated('properties:\n  - {name: a, logicalType: number, required: false}').schema,
    ).toEqual({
      a: { type: 'number' },
    })
  })

  test('of a type without a rule is named', () => {
    const { notes } = translated(
      'properties:\n  - {name: tags, logicalType: array, logicalTypeOptions: {maxItems: 3}}',
    )
    expect(notes.map(({ about, sentence }) => `${about}: ${sentence}`)).toEqual([
      'tags: the type array has no rule here; its values are not checked',
      'tags: maxItems: 3 has no form here',
    ])
  })
})

describe('a rule', () => {
  const ofColumn = (rule: string) =>
    translated(`properties:\n  - name: a\n    quality:\n      - ${rule}`)

  test.each([
    ['{metric: nullValues, mustBe: 0}', [{ 'null(a) = 0': {} }]],
    [
      '{metric: nullValues, mustBeLessThan: 1, unit: percent, severity: warning}',
      [{ 'null(a) < 1%': { severity: 'warn' } }],
    ],
    [
      '{metric: nullValues, mustBeLessThan: 7}',
      [{ sql: 'select count(*) filter (where "a" is null) from this', expect: '< 7' }],
    ],
    [
      '{rule: invalidValues, arguments: {validValues: [x, "it\'s"]}, mustBe: 0}',
      [
        {
          sql: `select count(*) filter (where "a" is not null and (cast("a" as varchar) not in ('x', 'it''s'))) from this`,
          expect: '= 0',
        },
      ],
    ],
    [
      "{metric: missingValues, arguments: {missingValues: [null, '', N/A]}, mustBeLessOrEqualTo: 5, unit: percent}",
      [
        {
          sql: `select 100.0 * count(*) filter (where "a" is null or cast("a" as varchar) in ('', 'N/A')) / nullif(count(*), 0) from this`,
          expect: '<= 5',
        },
      ],
    ],
    [
      '{type: sql, query: "select count(*) from ${table} where ${column} < 0", mustNotBe: 3}',
      [
        {
          sql: 'select case when answer <> 3 then 1 else 0 end from (select (select count(*) from this where "a" < 0) as answer)',
          expect: '= 1',
        },
      ],
    ],
  ])('%s', (rule, checks) => {
    expect(ofColumn(rule).checks).toEqual(checks)
  })

  test.each([
    [
      '{type: text, description: verified}',
      'the rule text (verified): it is written for people; write a check that says the same',
    ],
    [
      '{type: custom, engine: soda, implementation: x}',
      'the rule custom: it is written for soda; write it as a check or as SQL',
    ],
    [
      '{metric: nullValues}',
      'the rule nullValues: it compares with nothing that is understood (mustBe, mustBeLessThan, …)',
    ],
    ['{metric: entropy, mustBe: 1}', 'the rule entropy: the metric entropy is not known'],
  ])('%s is left out, by name', (rule, sentence) => {
    const { checks, notes } = ofColumn(rule)
    expect([checks, notes.map((note) => note.sentence)]).toEqual([[], [sentence]])
  })

  test('of the whole object counts rows and compound keys, by the names in the data', () => {
    const { checks } = translated(
      'properties:\n  - {name: a, physicalName: col_a}\nquality:\n  - {metric: rowCount, mustBeBetween: [100, 120]}\n  - {metric: duplicateValues, mustBe: 0, arguments: {properties: [a]}}',
    )
    expect(checks.slice(0, 2)).toEqual([{ 'rows >= 100': {} }, { 'rows <= 120': {} }])
    expect(checks[2]).toMatchObject({
      expect: '= 0',
      sql: expect.stringContaining('group by "col_a"'),
    })
  })
})

describe('a file', () => {
  test.each([
    ['kind: DataContract\napiVersion: v2.2.2\n', 'odcs.not_a_contract'],
    ['a: [', 'odcs.unreadable'],
    ['- a\n', 'odcs.unreadable'],
    [
      'kind: DataContract\napiVersion: v3.0.0\nschema: [{name: a}, {name: b}]\n',
      'odcs.which_object',
    ],
    [
      `a: &a [${'x,'.repeat(99)}x]\nb: &b [${'*a,'.repeat(99)}*a]\nc: [${'*b,'.repeat(99)}*b]`,
      'odcs.unreadable',
    ],
  ])('%j is refused', (text, code) => {
    expect(translateOdcs(text, null)).toMatchObject({ refused: code })
  })

  test('is written as lockstep.yaml takes it', () => {
    const dataset = translated(
      'properties:\n  - {name: a, logicalType: integer}\nquality:\n  - {metric: rowCount, mustBeGreaterThan: 5}',
    )
    expect(odcsText(dataset, { name: 'orders', path: 'data/orders' })).toBe(
      "# From the data contract's object orders.\n\ndata:\n  orders:\n    path: data/orders\n    schema:\n      a: { type: integer }\n    checks:\n      - rows > 5\n",
    )
  })
})
