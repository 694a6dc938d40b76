// A drift check as one of many of a table: it asks nothing of the shared pass and counts on the reference's edges afterwards.
import type { CheckPlan, PlanContext } from '../check-plan.ts'
import type { DriftCheck, DriftStatistics } from './drift-check.ts'
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
      if (found === undefined) return { method: 'unreadable', because: 'drift was not measured' }
      return facts.redact === true && found.method === 'drift' ? withoutValues(found) : found
    },
  }
}

/** Which categories moved is a question about counts; what they are called is a value of rows. Ends of numeric bins are quantiles. */
function withoutValues(found: DriftStatistics): DriftStatistics {
  const columns = found.columns.map((column) => {
    const { compared } = column
    if (compared.kind !== 'category') return column
    const bins = compared.bins.map((bin, at) =>
      /^\((new|other) values\)$/.test(bin.label) ? bin : { ...bin, label: `value ${at + 1}` },
    )
    return { ...column, compared: { ...compared, bins } }
  })
  return { ...found, columns }
}
