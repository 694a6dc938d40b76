// `lockstep gate score`: the ML Test Score of the project, every point earned by a record.
import type { TestScoreView } from '../../api/contract/gate-routes.ts'
import type { Paint } from '../render/paint.ts'
import { columns, indent } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const gateScore: Verb = {
  notes:
    'After Breck et al. 2017: seven items in each of four sections, one point for what a machine tests every time and\nhalf a point for what was done. The score is the weakest section. Nothing can be claimed: records earn the points.',
  examples: [
    ['gate score', 'where the project stands, and what would earn more'],
    ['gate score --json', 'for a dashboard'],
  ],
  run: async (call) => {
    const { output } = call
    const { api } = await call.connect('read')
    const score = await api.gateScore()
    output.document(score)
    output.print(...scoreLines(score, output.paint))
    return 0
  },
}

function scoreLines({ items, sections, score }: TestScoreView, paint: Paint): string[] {
  const marks = { 1: paint.good('1  '), 0.5: paint.strong('0.5'), 0: paint.quiet('0  ') }
  const parts = (['data', 'model', 'infrastructure', 'monitoring'] as const).flatMap((section) => [
    paint.strong(`${section} ${sections[section]} of 7`),
    ...indent(
      columns(
        items
          .filter((item) => item.section === section)
          .map(({ title, points, because }) => [marks[points], title, paint.quiet(because)]),
      ),
    ),
  ])
  return [...parts, `ML Test Score ${paint.strong(String(score))} of 7, the weakest of the four`]
}
