import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimateTime, type TimedStep } from './estimate-time.ts'

const step = (name: string, ms: number | null, ...after: string[]): TimedStep => ({
  ...{ name, ms, after },
})

describe('how long steps take together', () => {
  test('two lanes are shared; the longest chain is named', () => {
    const steps = [step('a', 10), step('b', 4), step('c', 4), step('d', 5, 'a', 'b')]
    expect(estimateTime(steps, 2)).toEqual({
      ...{ wallMs: 15, workMs: 23, criticalPath: ['a', 'd'], criticalMs: 15, unknown: 0 },
    })
    expect(estimateTime(steps, 1).wallMs).toBe(23)
  })

  test('a step of unknown length counts as none, and is counted', () => {
    expect(estimateTime([step('a', null), step('b', 3, 'a')], 4)).toMatchObject({
      ...{ wallMs: 3, unknown: 1, criticalPath: ['a', 'b'] },
    })
  })

  test('what a step waits for is over when it is not in the list', () => {
    expect(estimateTime([step('b', 3, 'a')], 1).wallMs).toBe(3)
  })

  test('nothing takes no time', () => {
    expect(estimateTime([], 4)).toMatchObject({ wallMs: 0, criticalPath: [] })
  })

  test('never shorter than the longest chain or the fair share, never longer than one by one', () => {
    const graphs = fc.array(fc.record({ ms: fc.nat(50), after: fc.array(fc.nat(30)) }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 8 }), (drafts, lanes) => {
        const steps = drafts.map(({ ms, after }, index) =>
          step(`${index}`, ms, ...after.filter((one) => one < index).map(String)),
        )
        const { wallMs, workMs, criticalMs } = estimateTime(steps, lanes)
        expect(wallMs).toBeGreaterThanOrEqual(criticalMs)
        expect(wallMs).toBeGreaterThanOrEqual(Math.floor(workMs / lanes))
        expect(wallMs).toBeLessThanOrEqual(workMs)
      }),
    )
  })
})
