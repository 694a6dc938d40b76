import { describe, expect, it } from 'vitest'
import { resolveSlices } from './slices.ts'

const columns = new Map<string, ArrayLike<unknown>>([
  ['plan', ['team', 'pro', 'team', 'basic plus', null, 'pro']],
  ['region', ['north', 'north', 'south', 'south', 'south', 'north']],
  ['tenure', Float64Array.of(1, 6, 3, 12, Number.NaN, 24)],
  ['age group', [18, 30, 29, 64, 41, null]],
  ['code', ['1', '2', '10', '2', '1', '10']],
])

function named(...declarations: readonly string[]): Record<string, number[]> {
  const { slices, problems } = resolveSlices(declarations, columns, 6)
  expect(problems).toEqual([])
  return Object.fromEntries(slices.map(({ name, rows }) => [name, [...rows]]))
}

function problem(declaration: string) {
  const { slices, problems } = resolveSlices([declaration], columns, 6)
  expect(slices).toEqual([])
  const [first] = problems
  if (first === undefined) throw new Error(`${declaration} has no problem`)
  return first
}

describe('a slice declaration', () => {
  it('of a column makes one slice per value, the missing one last', () => {
    expect(named('plan')).toEqual({
      'plan=basic plus': [3],
      'plan=pro': [1, 5],
      'plan=team': [0, 2],
      'plan is missing': [4],
    })
    expect(Object.keys(named('code'))).toEqual(['code=1', 'code=2', 'code=10'])
  })

  it('of a value, a list, a negation and missing values', () => {
    expect(named('plan = team')).toEqual({ 'plan=team': [0, 2] })
    expect(named('plan=basic plus')).toEqual({ 'plan=basic plus': [3] })
    expect(named('plan in [team, pro]')).toEqual({ 'plan in {team, pro}': [0, 1, 2, 5] })
    expect(named('code in {1, 2}')).toEqual({ 'code in {1, 2}': [0, 1, 3, 4] })
    expect(named('plan != team')).toEqual({ 'plan!=team': [1, 3, 5] })
    expect(named('plan is missing')).toEqual({ 'plan is missing': [4] })
    expect(named('plan is not missing')).toEqual({ 'plan is not missing': [0, 1, 2, 3, 5] })
  })

  it('of numbers knows open and closed ends, and a missing number is in no interval', () => {
    expect(named('tenure < 6')).toEqual({ 'tenure < 6': [0, 2] })
    expect(named('tenure >= 6')).toEqual({ 'tenure >= 6': [1, 3, 5] })
    expect(named('tenure in [3, 12)')).toEqual({ 'tenure in [3, 12)': [1, 2] })
    expect(named('tenure in (3, 12]')).toEqual({ 'tenure in (3, 12]': [1, 3] })
    expect(named('tenure between 3 and 12')).toEqual({ 'tenure between 3 and 12': [1, 2, 3] })
    expect(named('"age group" in [18, 30)')).toEqual({ '"age group" in [18, 30)': [0, 2] })
  })

  it('of bins covers every row', () => {
    expect(named('tenure@[6, 12]')).toEqual({
      'tenure < 6': [0, 2],
      'tenure in [6, 12)': [1],
      'tenure >= 12': [3, 5],
      'tenure is missing': [4],
    })
    expect(named('tenure@halves')).toEqual({
      'tenure < 6': [0, 2],
      'tenure >= 6': [1, 3, 5],
      'tenure is missing': [4],
    })
  })

  it('of a crossing lists every combination, the empty ones too', () => {
    const found = named('plan x region')
    expect(Object.keys(found)).toHaveLength(8)
    expect(found['plan=pro x region=north']).toEqual([1, 5])
    expect(found['plan=pro x region=south']).toEqual([])
  })

  it('joins conditions with and', () => {
    expect(named('tenure < 6 and region = north')).toEqual({ 'tenure < 6 and region=north': [0] })
  })

  it('has names that read back as the same rows', () => {
    const declarations = ['plan', 'plan x region', 'tenure@quartiles', '"age group"@[30]', 'code']
    const { slices } = resolveSlices(declarations, columns, 6)
    const again = resolveSlices(
      slices.map(({ name }) => name),
      columns,
      6,
    )
    expect(again.problems).toEqual([])
    expect(again.slices.map(({ name, rows }) => [name, [...rows]])).toEqual(
      slices.map(({ name, rows }) => [name, [...rows]]),
    )
  })

  it('without rows is reported, never dropped', () => {
    const { slices } = resolveSlices(['plan = teem', 'tenure > 100'], columns, 6)
    expect(slices.map(({ name, rows }) => [name, rows.length])).toEqual([
      ['plan=teem', 0],
      ['tenure > 100', 0],
    ])
    expect(slices[0]?.remark).toBe('no row has plan = teem; did you mean team?')
  })
})

describe('a slice declaration that is wrong', () => {
  it('names the place and the way out', () => {
    expect(problem('plna = team')).toMatchObject({
      message: 'there is no column plna',
      offset: 0,
      length: 4,
      hint: 'Did you mean plan?',
    })
    expect(problem('region x plna')).toMatchObject({ offset: 9, length: 4 })
    expect(problem('tenure < six')).toMatchObject({
      message: 'expected a number, found "six"',
      offset: 9,
    })
    expect(problem('plan < 6').message).toBe('plan is not numeric (it holds "team")')
    expect(problem('plan =').message).toBe('expected a value, found the end')
    expect(problem('').message).toBe('expected a column, found the end')
    expect(problem('tenure@fifths').offset).toBe(7)
    expect(problem('tenure@[5, 3]').message).toContain('must rise')
    expect(problem('plan = "team').offset).toBe(7)
    expect(problem('plan; drop').offset).toBe(6)
  })

  it('does not guess whether [18, 30] is an interval', () => {
    expect(problem('tenure in [18, 30]')).toMatchObject({
      message: '[18, 30] may be two values or an interval',
      hint: 'Write tenure between 18 and 30, or tenure in {18, 30}.',
    })
  })

  it('does not make more slices than anyone reads', () => {
    const many = new Map([['id', Float64Array.from({ length: 1001 }, (_, row) => row)]])
    const [first] = resolveSlices(['id'], many, 1001).problems
    expect(first?.message).toBe('id makes 1001 slices, at most 1000 are allowed')
  })
})
