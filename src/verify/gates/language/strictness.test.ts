// What may be no more than a warning, and what a second limit must be: nothing is softened by a slip.
import { describe, expect, test } from 'vitest'
import { hasProblems } from '../check-spec.ts'
import { judgeSettled } from '../judge-check.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from './parse-check.ts'
import type { CheckOptions } from './read-options.ts'

function problemsOf(text: string, options: CheckOptions): string {
  const parsed = parseCheck(text, options)
  return hasProblems(parsed)
    ? parsed.problems.map(({ message, hint }) => `${message}. ${hint}`).join(' ')
    : 'none'
}

describe('a warn limit', () => {
  test('is stricter than the limit of the line', () => {
    for (const [line, warn] of [
      ['roc_auc >= 0.9', 0.92],
      ['roc_auc >= champion - 0.005', 0],
      ['log_loss <= champion + 0.002', -0.001],
      ['duplicates <= 1%', '0.5%'],
      ['freshness < 26h', '24h'],
    ] as const)
      expect([line, problemsOf(line, { warn })]).toEqual([line, 'none'])
  })

  test.each([
    ['roc_auc >= 0.9', 0.85, 'it must be more than the limit of the line, 0.9'],
    ['roc_auc >= 0.9', 0.9, 'would never warn'],
    ['log_loss <= 0.3', 0.4, 'it must be less than the limit of the line, 0.3'],
    ['latency p99 <= 40ms', '60ms', 'it must be less than the limit of the line, 40'],
    ['freshness < 26h', '48h', 'would never warn'],
    ['errors = 0', 1, 'this check has no limit with < or >'],
    ['golden requests', 0.1, 'this check has no limit with < or >'],
    ['roc_auc >= champion * 0.99', 0.995, 'this check has no limit with < or >'],
  ])('%s with warn %s is refused', (line, warn, sentence) => {
    expect(problemsOf(line, { warn })).toContain(sentence)
  })
})

describe('a check of integrity', () => {
  test.each([{ severity: 'warn' }, { on_insufficient: 'warn' }])('takes no %j', (options) => {
    expect(problemsOf('scan clean', options)).toContain('is not for a check of integrity')
    expect(problemsOf('format in [onnx]', options)).toContain('is not for a check of integrity')
    expect(problemsOf('roc_auc >= 0.9', options)).toBe('none')
  })

  test('is not softened by the defaults of the gates, or by a record that says so', () => {
    const spec = parseCheck('scan clean')
    if (hasProblems(spec)) throw new Error('it is a check')
    const nothing = { method: 'scan', files: 0, members: 0, bytes: 0, unread: [], findings: [] }
    const statistics = nothing as unknown as Parameters<typeof judgeSettled>[1]
    const settings = { ...gateDefaults, onInsufficient: 'warn' as const }
    const judged = judgeSettled({ ...spec, severity: 'warn' }, statistics, settings)
    expect(judged.verdict).toBe('insufficient')
  })
})

test('a limit beyond all numbers is none: everything would keep it', () => {
  for (const line of [
    'log_loss <= 1e999',
    'mean(age) <= 1e999',
    'rss < 1e999GB',
    'gap(tpr) <= 1e999',
  ])
    expect(hasProblems(parseCheck(line, {}))).toBe(true)
})
