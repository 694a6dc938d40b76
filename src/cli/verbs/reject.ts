// `lockstep reject`: turns a promotion down, with the reason.
import { refused } from '../detach.ts'
import { findPromotion } from '../subjects.ts'
import type { Verb } from '../verb.ts'

export const reject: Verb = {
  args: [
    ['[promotion]', 'its number, its id or its environment (default: the only one that waits)'],
  ],
  options: [['--because <reason>', 'why; whoever asked will read it']],
  examples: [
    ['reject --because "wait for the audit"', 'the only promotion that waits'],
    ['reject production --because "gap too large"', 'the one to production'],
  ],
  run: async (call) => {
    const { args, output } = call
    const because = args.text('because')
    if (because === undefined) throw args.usage('a rejection needs its reason: --because "…"')
    const { api } = await call.connect('deliver')
    const promotion = await findPromotion(api, args.at(0))
    const answer = await api.reject(promotion.id, { because })
    if (!answer.accepted) throw refused(answer.because, `lockstep why promotion ${promotion.id}`)
    output.document({ ...answer, promotion: promotion.id })
    output.print(
      `${output.paint.warn('! rejected')} promotion ${promotion.number} (${promotion.id}): ${answer.because}`,
      'next: lockstep status',
    )
    return 0
  },
}
