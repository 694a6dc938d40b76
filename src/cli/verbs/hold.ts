// `lockstep hold`: stops promotions to one environment, or clears the hold.
import { refused } from '../detach.ts'
import type { Verb } from '../verb.ts'

export const hold: Verb = {
  args: [['<environment>', 'what to hold']],
  options: [
    ['--because <reason>', 'why; needed for both'],
    ['--clear', 'end the hold'],
  ],
  notes: 'A hold never stops a rollback.',
  examples: [
    ['hold production --because "incident 12"', 'no automatic promotion until cleared'],
    ['hold production --clear --because "incident 12 closed"', 'let them go again'],
  ],
  run: async (call) => {
    const { args, output } = call
    const environment = args.at(0) ?? ''
    const because = args.text('because')
    const clear = args.flag('clear')
    if (because === undefined) {
      throw args.usage(`${clear ? 'clearing a hold' : 'a hold'} needs its reason: --because "…"`)
    }
    const { api } = await call.connect('deliver')
    const answer = clear
      ? await api.clearHold(environment, { because })
      : await api.hold(environment, { because })
    if (!answer.accepted) throw refused(answer.because, 'lockstep status')
    output.document({ ...answer, environment })
    output.print(
      `${clear ? output.paint.good('✓ cleared the hold of') : output.paint.warn('! holding')} ${environment}: ${answer.because}`,
      clear ? 'next: lockstep status' : `next: lockstep hold ${environment} --clear --because "…"`,
    )
    return 0
  },
}
