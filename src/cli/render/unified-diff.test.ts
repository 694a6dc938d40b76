// A diff as `patch` takes it.
import { expect, test } from 'vitest'
import { unifiedDiff } from './unified-diff.ts'

const lines = (count: number) => Array.from({ length: count }, (_, at) => `line ${at + 1}`)

test('equal texts have none', () => {
  expect(unifiedDiff('a\n', 'a\n', 'x')).toBe('')
})

test('far changes stand in hunks of their own, with three lines around', () => {
  const before = [...lines(30), ''].join('\n')
  const after = before.replace('line 5\n', 'LINE 5\nand more\n').replace('line 25\n', '')
  expect(unifiedDiff(before, after, 'x')).toBe(
    [
      '--- a/x',
      '+++ b/x',
      '@@ -2,7 +2,8 @@',
      ' line 2',
      ' line 3',
      ' line 4',
      '-line 5',
      '+LINE 5',
      '+and more',
      ' line 6',
      ' line 7',
      ' line 8',
      '@@ -22,7 +23,6 @@',
      ' line 22',
      ' line 23',
      ' line 24',
      '-line 25',
      ' line 26',
      ' line 27',
      ' line 28',
      '',
    ].join('\n'),
  )
})
