// A leakage check as one of many of a table: it asks nothing of the shared pass and looks at every column afterwards.
import type { CheckPlan, PlanContext } from '../check-plan.ts'
import type { LeakageCheck } from './leakage-check.ts'
import { measureLeakage } from './leakage-measure.ts'

export function planLeakage(check: LeakageCheck, { facts: { label } }: PlanContext): CheckPlan {
  return {
    expressions: [],
    again: true,
    finish: (_, { tables }) =>
      measureLeakage({
        ...{ tables, check, source: { sql: 'SELECT * FROM this' } },
        ...(label === undefined ? {} : { label }),
      }),
  }
}
