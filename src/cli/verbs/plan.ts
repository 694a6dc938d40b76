// `lockstep plan`: what a run would do, without doing it.
import type { PlanQuery } from '../../api/contract/pipeline-routes.ts'
import { exitCodes } from '../exit-codes.ts'
import { planLines } from '../render/plan.ts'
import { selectionOf, selectionOptions } from '../selection.ts'
import type { Verb } from '../verb.ts'

export const plan: Verb = {
  options: [...selectionOptions, ['--all', 'every step on its own line, with every difference']],
  notes:
    'Exit codes: 0 nothing would run, 7 something would. Works while a run is going.\nTimes are the median of what each step took before.',
  examples: [
    ['plan', 'what changed, what would run, how long it takes'],
    ['plan --to train', 'only as far as the step train'],
    ['plan --json | jq ".steps[] | select(.decision != \\"hit\\") | .name"', 'for a script'],
  ],
  run: async (call) => {
    const { args, output } = call
    const query: PlanQuery = selectionOf(args)
    const { api } = await call.connect('read')
    const answer = await api.plan(query)
    output.document(answer)
    output.print(...planLines(answer, { paint: output.paint, all: args.flag('all') }))
    return answer.runs + answer.waits === 0 ? exitCodes.done : exitCodes.wouldRun
  },
}
