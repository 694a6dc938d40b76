import { describe, expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

describe('coalesce', () => {
  test('however many ask, one runs and one waits; who asked while it ran is served by a later run', async () => {
    const log: string[] = []
    let release = () => {}
    let state = 'first'
    const ensure = coalesce(async () => {
      log.push(`reads ${state}`)
      await new Promise<void>((resolve) => {
        release = resolve
      })
      log.push('done')
    })
    const first = ensure()
    state = 'second'
    const late = [ensure(), ensure()]
    state = 'third'
    late.push(ensure())
    expect(log).toEqual(['reads first'])
    release()
    await first
    await Promise.resolve()
    expect(log).toEqual(['reads first', 'done', 'reads third'])
    release()
    await Promise.all(late)
    expect(log).toEqual(['reads first', 'done', 'reads third', 'done'])
  })

  test('a failed run fails its own callers only', async () => {
    let runs = 0
    const ensure = coalesce(async () => {
      runs += 1
      if (runs === 1) throw new Error('no answer')
    })
    const [first, second] = await Promise.allSettled([ensure(), ensure()])
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled'])
    await expect(ensure()).resolves.toBeUndefined()
    expect(runs).toBe(3)
  })
})
