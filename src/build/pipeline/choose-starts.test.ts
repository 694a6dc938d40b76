// Who starts when there is not room for all: never more than there is, and nobody waits for ever.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseStarts, giveBack, patience, take, type WaitingStep } from './choose-starts.ts'

const asks = (name: string, cpu: number, more: Record<string, number> = {}): WaitingStep => ({
  name,
  overtaken: 0,
  demand: new Map(Object.entries({ lanes: 1, cpu, ...more })),
})
const room = (lanes: number, cpu: number, more: Record<string, number> = {}) =>
  new Map(Object.entries({ lanes, cpu, ...more }))

describe('the steps that start', () => {
  it('are the first that fit, in order', () => {
    const { start } = chooseStarts([asks('a', 1), asks('b', 1), asks('c', 1)], room(2, 8))
    expect(start).toEqual(['a', 'b'])
  })

  it('may overtake a big one, a few times only', () => {
    const big = asks('big', 4)
    expect(chooseStarts([big, asks('small', 1)], room(8, 2)).start).toEqual(['small'])
    const tired = { ...big, overtaken: patience }
    expect(chooseStarts([tired, asks('small', 1)], room(8, 2)).start).toEqual([])
    // What takes nothing the big one lacks may still go.
    const other = asks('other', 0, { gpu: 1 })
    expect(chooseStarts([tired, other], room(8, 2, { gpu: 1 })).start).toEqual(['other'])
  })

  it('never take more than there is, and all of them end, however late the small ones keep coming', () => {
    const step = fc.record({
      cpu: fc.integer({ min: 1, max: 4 }),
      gpu: fc.nat(2),
      lasts: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (steps, lanes) => {
          const free = room(lanes, 4, { gpu: 2 })
          const arriving = steps.map((one, index) => ({
            ...asks(`s${index}`, one.cpu, { gpu: one.gpu }),
            lasts: one.lasts,
          }))
          let waiting: WaitingStep[] = []
          let running: { ends: number; step: WaitingStep }[] = []
          const ended = new Set<string>()
          for (let now = 0; ended.size < steps.length; now++) {
            expect(now).toBeLessThan(steps.length * 6 + 10)
            for (const one of running.filter(({ ends }) => ends <= now)) {
              giveBack(free, one.step.demand)
              ended.add(one.step.name)
            }
            running = running.filter(({ ends }) => ends > now)
            waiting.push(...arriving.splice(0, 2))
            const { start, overtaken } = chooseStarts(waiting, free)
            for (const one of waiting.filter(({ name }) => start.includes(name))) {
              take(free, one.demand)
              const lasts = steps[Number(one.name.slice(1))]?.lasts ?? 1
              running.push({ ends: now + lasts, step: one })
            }
            for (const left of free.values()) expect(left).toBeGreaterThanOrEqual(0)
            waiting = waiting
              .filter(({ name }) => !start.includes(name))
              .map((one) => ({ ...one, overtaken: overtaken.get(one.name) ?? one.overtaken }))
            for (const one of waiting) expect(one.overtaken).toBeLessThanOrEqual(patience + lanes)
          }
        },
      ),
    )
  })
})
