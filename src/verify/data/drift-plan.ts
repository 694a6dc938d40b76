// A drift check as one of many of a table: it asks nothing of the shared pass and counts on the reference's edges afterwards.
import type { CheckPlan, PlanContext } from './check-plan.ts'
import type { DriftCheck } from './drift-check.ts'
import { measureDrifts } from './drift-measure.ts'

export function planDrift(check: DriftCheck, { facts }: PlanContext): CheckPlan {
  const { reference, key = [], time } = facts
  return {
    expressions: [],
    again: true,
    async finish(_, { tables }) {
      const [found] = await measureDrifts({
        tables,
        source: { sql: 'SELECT * FROM this' },
        checks: [check],
        find:
          reference ??
          (async () => ({
            found: 'unreadable',
            because: `there is no ${check.vs} to compare with here`,
          })),
        leftOut: [...key, ...(time === undefined ? [] : [time])],
      })
      return found ?? { method: 'unreadable', because: 'drift was not measured' }
    },
  }
}
