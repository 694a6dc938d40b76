import { describe, expect, it } from 'vitest'
import { readToml } from '../../project/read-toml.ts'
import { filteredFiles, pickParameters } from './parameters.ts'

const files = new Map<string, unknown>([
  ['params.yaml', { train: { C: 1, steps: [1, 2], name: 'ridge' }, report: { title: 'x' } }],
  ['odd.yaml', { bad: Number.NaN, when: new Date(0) }],
])
const of = (...keys: string[]) => keys.map((key) => ({ file: 'params.yaml', key }))

describe('parameters', () => {
  it('bring only the declared keys, sorted, each once', () => {
    expect(pickParameters(of('train.name', 'train.C', 'train.C'), files)).toEqual([
      { file: 'params.yaml', key: 'train.C', value: 1 },
      { file: 'params.yaml', key: 'train.name', value: 'ridge' },
    ])
  })

  it('reach the step as a file with just these keys, nested as before', () => {
    const picked = pickParameters(of('train.C', 'train', 'report.title'), files)
    const text = filteredFiles('refused' in picked ? [] : picked).get('params.yaml') ?? ''
    expect(JSON.parse(text)).toEqual({
      train: { C: 1, steps: [1, 2], name: 'ridge' },
      report: { title: 'x' },
    })
    const one = pickParameters(of('train.C'), files)
    const small = filteredFiles('refused' in one ? [] : one).get('params.yaml') ?? ''
    expect(JSON.parse(small)).toEqual({ train: { C: 1 } })
  })

  it('that do not exist are refused with what there is', () => {
    expect(pickParameters(of('train.c'), files)).toMatchObject({
      because:
        'parameter train.c: train in params.yaml has no c; did you mean C? (it has C, steps, name)',
    })
    expect(pickParameters(of('train.steps.0'), files)).toMatchObject({ refused: 'params.no_key' })
    expect(pickParameters(of('__proto__'), files)).toMatchObject({ refused: 'params.no_key' })
    expect(pickParameters([{ file: 'parms.yaml', key: '' }], files)).toMatchObject({
      because: 'there is no file parms.yaml; did you mean params.yaml?',
    })
  })

  it('without a JSON form are refused', () => {
    expect(pickParameters([{ file: 'odd.yaml', key: 'bad' }], files)).toMatchObject({
      because: expect.stringContaining('NaN'),
    })
    expect(pickParameters([{ file: 'odd.yaml', key: 'when' }], files)).toMatchObject({
      because: expect.stringContaining('a date'),
    })
  })

  it('from TOML reach the step as TOML, with numbers and dates as they were written', () => {
    const toml = readToml('[train]\nC = 1.0\nwhen = 1979-05-27\nsteps = [1, 2.0]\n[other]\nx = 1')
    const written = (...keys: string[]) => {
      const picked = pickParameters(
        keys.map((key) => ({ file: 'p.toml', key })),
        new Map([['p.toml', toml]]),
      )
      return filteredFiles('refused' in picked ? [] : picked).get('p.toml')
    }
    expect(written('train.C', 'train.when')).toBe('train.C = 1.0\ntrain.when = 1979-05-27\n')
    expect(written('train', 'train.C')).toBe(
      'train = {C = 1.0, when = 1979-05-27, steps = [1, 2.0]}\n',
    )
    expect(written('')).toBe(
      'train = {C = 1.0, when = 1979-05-27, steps = [1, 2.0]}\nother = {x = 1}\n',
    )
  })
})
