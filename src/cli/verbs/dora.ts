// `lockstep dora`: the five delivery numbers of each environment (DORA 2024).
import { formatDuration } from '../../foundation/duration.ts'
import { table } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const dora: Verb = {
  examples: [
    ['dora', 'all environments'],
    ['dora --json', 'for a report'],
  ],
  run: async (call) => {
    const { output } = call
    const { api } = await call.connect('read')
    const numbers = await api.dora()
    output.document(numbers)
    output.print(
      ...table(
        [
          'environment',
          'days',
          'deployments',
          'a day',
          'lead time',
          'of data',
          'failed changes',
          'recovery',
          'rework',
        ],
        numbers.map((one) => [
          one.environment,
          one.windowDays,
          one.deployments,
          one.deploymentsPerDay.toFixed(2),
          duration(one.leadTimeMs?.median),
          duration(one.leadTimeMs?.data),
          percent(one.changeFailRate),
          duration(one.recoveryTimeMs),
          percent(one.reworkRate),
        ]),
      ),
    )
    if (numbers.length === 0)
      output.print('no environment has had a deployment', 'next: lockstep promote --to ENVIRONMENT')
    return 0
  },
}

function duration(ms: number | null | undefined): string | null {
  return ms === null || ms === undefined ? null : formatDuration(ms)
}

function percent(rate: number | null): string | null {
  return rate === null ? null : `${(rate * 100).toFixed(1)} %`
}
