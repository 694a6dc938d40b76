// The map of a dataset's columns is a shorter way to write checks: each field becomes one line, at its own place in the file.
import { describe, expect, it } from 'vitest'
import { datasetSchema } from './dataset-schema.ts'
import { resolveDataset } from './resolve-dataset.ts'

function resolve(raw: object) {
  const problems: string[] = []
  const spec = resolveDataset(
    {
      name: 'train',
      raw: datasetSchema.parse({ path: 'train.csv', ...raw }),
      report: (path, message) => problems.push(`${path.join('.')}: ${message}`),
      locate: (path) => ({ line: path.length, column: 1 }),
    },
    [],
  )
  return { spec, problems, lines: spec.checks.map(({ text }) => text) }
}

describe('the schema of a dataset', () => {
  it('becomes the lines a person could have written', () => {
    const { lines } = resolve({
      columns: 'closed',
      schema: {
        customer_id: { type: 'string', required: true, unique: true },
        tenure: { type: 'int', between: [0, 600], missing: '< 1%' },
        plan: { in: ['basic', 'pro'] },
        email: { format: 'email', matches: '^[^@\\s]+@' },
        name: { length: [1, 40] },
        'net price': { min: 0, max: 9.5 },
        day: { between: ['2026-01-01', '2026-12-31'] },
      },
    })
    expect(lines).toEqual([
      'columns = [customer_id, tenure, plan, email, name, "net price", day]',
      'customer_id is text',
      'missing(customer_id) = 0',
      'unique(customer_id)',
      'tenure is integer',
      'missing(tenure) < 1%',
      'tenure between 0 and 600',
      'plan in ["basic", "pro"]',
      'email matches "^[^@\\s]+@"',
      'email is email',
      'length(name) between 1 and 40',
      'min("net price") >= 0',
      'max("net price") <= 9.5',
      'day between 2026-01-01 and 2026-12-31',
    ])
  })

  it('gives each line its place and its options', () => {
    const { spec } = resolve({
      schema: { plan: { required: false, in: ['a'], new_values: 'warn', valid: '>= 99.5%' } },
    })
    expect(spec.checks).toEqual([
      {
        text: 'columns has [plan]',
        options: { optional: ['plan'] },
        position: { line: 3, column: 1 },
      },
      {
        text: 'plan in ["a"]',
        options: { mostly: '99.5%', if_present: true, severity: 'warn' },
        position: { line: 5, column: 1 },
      },
    ])
  })

  it('knows what columns are for', () => {
    const { spec, problems } = resolve({
      time: 'ts',
      schema: {
        id: { role: 'key' },
        y: { role: 'label' },
        age: { missing_values: [-999] },
      },
    })
    expect(spec).toMatchObject({
      key: ['id'],
      label: 'y',
      time: 'ts',
      missingValues: { age: [-999] },
    })
    expect(problems).toEqual([])
  })

  it('complains about two labels and about shares that are none', () => {
    const { problems } = resolve({
      label: 'z',
      schema: { x: { role: 'label', valid: 'most' }, y: { role: 'label', missing: 'few' } },
    })
    expect(problems).toEqual([
      'data.train.schema.y.role: x is the label already; there is one',
      'data.train.label: the schema says that x is the label',
      'data.train.schema.x.valid: this valid is not understood',
      'data.train.schema.y.missing: this missing is not understood',
    ])
  })
})
