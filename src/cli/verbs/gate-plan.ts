// `lockstep gate plan`: before training, which gates this holdout can decide.
import type { GatePlanView, PlannedCheckView } from '../../api/contract/gate-routes.ts'
import type { Paint } from '../render/paint.ts'
import { columns, indent } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const gatePlan: Verb = {
  notes:
    'How noisy a check is comes from the last run that judged it, or from a textbook formula where none did.\nThe holdout is the declared dataset, or what the last run made of it.',
  examples: [
    ['gate plan', 'what could be decided, and how many rows are missing'],
    ['gate plan --json', 'with the smallest difference each check can show'],
  ],
  run: async (call) => {
    const { output } = call
    const { api } = await call.connect('work')
    const plan = await api.gatePlan()
    output.document(plan)
    output.print(...planLines(plan, output.paint))
    return 0
  },
}

const words: Readonly<Record<PlannedCheckView['outlook'], [string, 'good' | 'bad' | 'quiet']>> = {
  cannot_decide: ['cannot', 'bad'],
  may_not_decide: ['may not', 'bad'],
  unknown: ['unknown', 'quiet'],
  decides: ['decides', 'good'],
  exact: ['exact', 'good'],
}

function planLines({ holdout, checks }: GatePlanView, paint: Paint): string[] {
  const head =
    holdout === null
      ? 'there is no holdout yet; lockstep run --to the step that makes it, then ask again'
      : `${holdout.rows} rows${holdout.positives === null ? '' : `, ${holdout.positives} positive`} in ${holdout.from}`
  const order = Object.keys(words)
  const ranked = checks.toSorted((a, b) => order.indexOf(a.outlook) - order.indexOf(b.outlook))
  const rows = ranked.map(({ gate, written, outlook, because }) => {
    const [word, tone] = words[outlook]
    return [
      paint[tone](word),
      gate,
      written,
      paint.quiet(outlook === 'exact' ? 'always decided' : because),
    ]
  })
  return [head, ...indent(columns(rows))]
}
