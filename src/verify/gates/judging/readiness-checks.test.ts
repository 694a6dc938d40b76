import { describe, expect, it } from 'vitest'
import { hasProblems } from '../check-spec.ts'
import { dropFamily } from '../families/drop.ts'
import { readinessFamily } from '../families/readiness.ts'
import { parseCheck } from '../language/parse-check.ts'

function parsed(text: string, options: Record<string, unknown> = {}) {
  const found = parseCheck(text, options)
  if (hasProblems(found)) throw new Error(found.problems.map(({ message }) => message).join('; '))
  return found
}

function problem(text: string, options: Record<string, unknown> = {}): string {
  const found = parseCheck(text, options)
  if (!hasProblems(found)) throw new Error(`${text} was understood`)
  return found.problems.map(({ message, hint }) => `${message}. ${hint ?? ''}`).join(' ')
}

describe('lines about readiness', () => {
  it('every form is understood, and its normal form too', () => {
    for (const { line, options } of [...readinessFamily.forms, ...dropFamily.forms]) {
      const once = parsed(line, options)
      expect(parsed(once.text, options)).toEqual(once)
    }
  })

  it.each([
    [
      'latency p99 <= champion',
      {},
      'latency p99 <= 1 * champion',
      'readiness.latency.p99.champion',
    ],
    ['cold_start p90 < 3s', {}, 'cold_start p90 < 3000ms', 'readiness.cold_start.p90'],
    ['parity <= 1e-5', {}, 'parity(batch, online) <= 0.00001', 'readiness.parity'],
    ['parity(online, batch) <= 1e-5', {}, 'parity(batch, online) <= 0.00001', 'readiness.parity'],
    ['signature honored', {}, 'signature honoured', 'readiness.signature'],
    ['compatible with champion', {}, 'compatible_with champion', 'readiness.compatible'],
    ['monitored in production', {}, 'monitored in production', 'readiness.monitored.production'],
    ['golden requests', { file: 'a.json' }, 'golden requests', 'readiness.golden(a.json)'],
    ['throughput > 1_000/s', {}, 'throughput > 1000/s', 'readiness.throughput'],
    ['drop(auc) < 2%', { perturb: 'typo' }, 'drop(roc_auc) < 0.02', 'robustness.drop(roc_auc)'],
  ])('%s is %s', (line, options, text, id) => {
    expect(parsed(line, options)).toMatchObject({ text, id })
  })

  it.each([
    ['latency p99 <= fast', {}, '"fast" is not a duration. Write latency p99 <= 50ms.'],
    ['latency p99 <= twice * champion', {}, '"twice" is not a factor. Write 1.2 * champion.'],
    ['latency p99 < 1s', { rate: '1e9/s', duration: '1h' }, 'make more than 2000000 requests'],
    ['latency p99 < 1s', { duration: '2h' }, 'at most 1h'],
    ['cold_start < 1s', { starts: 1e6 }, 'starts must be a count up to 1000'],
    ['throughput <= 500/s', {}, 'throughput is bounded from below'],
    ['parity(batch, moon) <= 1e-5', {}, 'parity(batch, moon) compares nothing'],
    ['cold_start < 3s', { starts: 2.5 }, 'starts must be a count up to 1000, got 2.5'],
    ['drop(roc_auc) <= 0.02', {}, 'the check needs its perturbations'],
    ['flips <= 1%', { perturb: ['tpyo'] }, '"tpyo" is no perturbation'],
    ['flips <= 1%', { perturb: ['permute'] }, 'permute needs the column'],
    ['monotone(score, age)', {}, 'monotone needs a column and a direction'],
    ['drop(speed) <= 1', { perturb: 'typo' }, '"speed" is not a metric'],
  ])('%s is refused', (line, options, because) => {
    expect(problem(line, options)).toContain(because)
  })

  it('a stricter limit warns in the unit of the line', () => {
    expect(parsed('rss < 1.5GB', { warn: '1GB' })).toMatchObject({ limit: 1.5e9, warn: 1e9 })
    expect(parsed('latency p99 <= 1.2 * champion', { warn: '1.1 * champion' }).warn).toBe(1.1)
    expect(parsed('throughput >= 500/s', { warn: '600/s' }).warn).toBe(600)
    expect(parsed('cold_start < 3s', { warn: '2s' }).warn).toBe(2000)
  })
})
