// `lockstep approve`: shows what would change, then agrees to exactly that.
import { refused } from '../detach.ts'
import { promotionReport } from '../render/promotion.ts'
import { findPromotion } from '../subjects.ts'
import type { Call, Verb } from '../verb.ts'

export const approve: Verb = {
  args: [
    ['[promotion]', 'its number, its id or its environment (default: the only one that waits)'],
  ],
  options: [
    ['--comment <text>', 'kept with the approval'],
    ['--dry-run', 'only show what would change'],
  ],
  notes:
    'The approval is bound to what was shown: when the release, the policy or the evidence changes before it\nis recorded, it is refused (exit 8) and the new content can be looked at.',
  examples: [
    ['approve', 'the only promotion that waits'],
    [
      'approve production --as olga --comment "checked with risk"',
      'the one to production, as olga',
    ],
    ['approve 4 --dry-run', 'look first'],
  ],
  run: agree,
}

async function agree(call: Call): Promise<number> {
  const { args, output, world } = call
  const { api } = await call.connect('deliver')
  const promotion = await findPromotion(api, args.at(0))
  const now = world.clock.now()
  if (args.flag('dry-run')) {
    output.document(promotion)
    output.print(
      ...promotionReport(promotion, output.paint, now),
      `next: lockstep approve ${promotion.number}`,
    )
    return 0
  }
  output.note(...promotionReport(promotion, output.notePaint, now))
  if (promotion.phase !== 'awaiting_approval' || promotion.binding === null) {
    throw refused(
      `promotion ${promotion.number} is ${promotion.phase.replaceAll('_', ' ')}, it does not wait for approval`,
      `lockstep why promotion ${promotion.id}`,
    )
  }
  const comment = args.text('comment')
  const answer = await api.approve(promotion.id, {
    binding: promotion.binding,
    ...(comment === undefined ? {} : { comment }),
  })
  if (!answer.accepted) throw refused(answer.because, `lockstep why promotion ${promotion.id}`)
  output.document({ ...answer, promotion: promotion.id, binding: promotion.binding })
  output.print(
    `${output.paint.good('✓ approved')} promotion ${promotion.number} as ${call.actor}: ${answer.because}`,
    `next: lockstep rollout ${promotion.environment}`,
  )
  return 0
}
