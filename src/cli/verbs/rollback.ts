// `lockstep rollback`: one command, no questions, back to what served before.
import { refused } from '../detach.ts'
import type { Verb } from '../verb.ts'

export const rollback: Verb = {
  args: [['<environment>', 'where to go back']],
  options: [['--because <reason>', 'why (default: "rolled back by NAME")']],
  notes:
    'Ends the active rollout, or goes back to the previous release; needs no approval and no evidence. It holds\nthe environment: automatic promotions stop until lockstep hold ENVIRONMENT --clear.',
  examples: [
    ['rollback production', 'now'],
    ['rollback production --because "complaints since 14:00"', 'with the reason on record'],
  ],
  run: async (call) => {
    const { args, output, actor } = call
    const environment = args.at(0) ?? ''
    const because = args.text('because') ?? `rolled back by ${actor.replace(/^person:/, '')}`
    const { api } = await call.connect('deliver')
    const answer = await api.rollback(environment, { because })
    if (!answer.accepted) throw refused(answer.because, `lockstep status`)
    output.document({ ...answer, environment })
    const id = answer.id === null ? '' : ` (${answer.id})`
    output.print(
      `${output.paint.good('✓')} rolling back ${environment}${id}: ${answer.because}`,
      'next: lockstep status',
    )
    return 0
  },
}
