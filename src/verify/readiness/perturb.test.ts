import { describe, expect, it } from 'vitest'
import { type PerturbColumn, perturbColumns } from './perturb.ts'
import { parsePerturbation, perturbationForms, writePerturbation } from './perturbation.ts'

const rows = 2000
const columns: readonly PerturbColumn[] = [
  { name: 'age', datatype: 'FP32', values: Array.from({ length: rows }, (_, row) => row % 90) },
  { name: 'hours', datatype: 'INT8', values: Array.from({ length: rows }, (_, row) => row % 80) },
  {
    name: 'job',
    datatype: 'BYTES',
    values: Array.from({ length: rows }, (_, row) => (row % 2 ? 'clerk' : 'Engineer')),
  },
]

function perturb(text: string, from = columns, only: readonly string[] | null = null) {
  const perturbation = parsePerturbation(text)
  if (typeof perturbation === 'string') throw new Error(perturbation)
  return perturbColumns(from, perturbation, only)
}

function column(of: { readonly columns: readonly PerturbColumn[] }, name: string) {
  const found = of.columns.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no column ${name}`)
  return found.values
}

describe('the names of perturbations', () => {
  it('every form is read and written again', () => {
    for (const form of perturbationForms) {
      const parsed = parsePerturbation(form)
      expect(typeof parsed === 'string' ? parsed : writePerturbation(parsed)).toBe(form)
    }
  })

  it.each([
    ['noise(0.1)', 'noise is counted in standard deviations: noise(0.1sd)'],
    ['missing(120%)', 'missing takes a share of the cells: missing(5%)'],
    ['scale(1)', 'scale takes a factor'],
    ['mising(5%)', '"mising(5%)" is no perturbation; there are missing(5%)'],
  ])('%s is refused', (text, because) => {
    expect(parsePerturbation(text)).toContain(because)
  })
})

describe('perturbed columns', () => {
  it('the same every time, and whatever the order of the columns', () => {
    const once = perturb('noise(0.1sd)')
    expect(perturb('noise(0.1sd)')).toEqual(once)
    expect(column(perturb('noise(0.1sd)', columns.toReversed()), 'age')).toEqual(
      column(once, 'age'),
    )
  })

  it('about as many cells go missing as asked for, where a cell can', () => {
    const found = perturb('missing(5%)')
    expect(found.touched).toBe(2)
    expect(found.changed).toBeGreaterThan(140)
    expect(found.changed).toBeLessThan(260)
    expect(column(found, 'hours')).toBe(columns[1]?.values)
    expect(column(found, 'age')).toContain(null)
    expect(column(found, 'job')).toContain('')
  })

  it('whole numbers stay whole and inside their type', () => {
    const scaled = column(perturb('scale(1000, 100%)'), 'hours')
    expect(Math.max(...scaled.map(Number))).toBe(127)
    const noisy = column(perturb('noise(0.5sd)'), 'hours')
    expect(noisy.every((value) => Number.isInteger(value))).toBe(true)
  })

  it('noise has the size it is asked for', () => {
    const noisy = column(perturb('noise(0.1sd)'), 'age')
    const steps = noisy.map((value, row) => Number(value) - Number(columns[0]?.values[row]))
    const sd = Math.sqrt(steps.reduce((sum, step) => sum + step * step, 0) / rows)
    expect(sd).toBeGreaterThan(2.4)
    expect(sd).toBeLessThan(2.8)
  })

  it('text is mistyped, shouted, padded and never seen before', () => {
    const every = (text: string) => new Set(column(perturb(text), 'job'))
    expect(every('case(100%)')).toEqual(new Set(['CLERK', 'ENGINEER']))
    expect(every('whitespace(100%)')).toEqual(new Set([' clerk ', ' Engineer ']))
    expect(every('unseen_category(100%)')).toEqual(new Set(['unseen']))
    expect([...every('typo(100%)')].every((word) => word !== 'clerk' && word !== 'Engineer')).toBe(
      true,
    )
  })

  it('permuting keeps the values and loses the rows', () => {
    const mixed = column(perturb('permute(age)'), 'age')
    expect(mixed).not.toEqual(columns[0]?.values)
    expect(mixed.toSorted()).toEqual(columns[0]?.values.toSorted())
  })

  it('touches only the columns that are named', () => {
    const found = perturb('noise(1sd)', columns, ['hours'])
    expect(column(found, 'age')).toBe(columns[0]?.values)
    expect(found.touched).toBe(1)
  })

  it('a model without text has nothing to mistype', () => {
    expect(perturb('typo', columns.slice(0, 2))).toMatchObject({ touched: 0, changed: 0 })
  })

  it('columns come in another order, or with strangers among them', () => {
    expect(perturb('column_order').columns.map(({ name }) => name)).toEqual(['job', 'hours', 'age'])
    expect(perturb('extra_columns').columns.map(({ name }) => name)).toEqual([
      ...['age', 'hours', 'job', 'extra_number', 'extra_text'],
    ])
  })
})
