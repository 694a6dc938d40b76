import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

describe('duration', () => {
  test.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['1.5h', 5_400_000],
    ['1h30m', 5_400_000],
    [' 7d ', 604_800_000],
    ['1w', 604_800_000],
    ['0s', 0],
  ])('%s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  test.each(['', '5', '5 s', '-5s', 's', '5y', '1e3s', 'ms5', '1h 30m'])('%j is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  )

  test.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [1000, '1.0 s'],
    [3_240, '3.2 s'],
    [59_960, '1m 0s'],
    [250_000, '4m 10s'],
    [3_599_900, '1h 0m'],
    [7_500_000, '2h 5m'],
    [86_399_000, '1d 0h'],
    [273_600_000, '3d 4h'],
  ])('%d ms is shown as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))
})

test('a duration that was parsed is shown in units that parse again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60_000, max: 86_400_000 * 300 }), (ms) => {
      const shown = parseDuration(formatDuration(ms).replace(' ', ''))
      // Two units: at most half of the smaller one is lost.
      expect(Math.abs((shown ?? Number.NaN) - ms)).toBeLessThanOrEqual(1_800_000)
    }),
  )
})
