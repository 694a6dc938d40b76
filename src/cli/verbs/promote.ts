// `lockstep promote`: asks for a release to serve in an environment and says what that request met.
import type { PromotionView } from '../../api/contract/views.ts'
import { detach } from '../detach.ts'
import { exitCodes, promotionExitCode, promotionIsOver } from '../exit-codes.ts'
import { afterPromotion, promotionHeadline, promotionReport } from '../render/promotion.ts'
import type { Call, Verb } from '../verb.ts'
import { watch } from '../watch.ts'

export const promote: Verb = {
  args: [['[release]', 'a release number (default: the newest release)']],
  options: [
    ['--to <environment>', 'where it should serve'],
    ['--because <reason>', 'why; shown to whoever approves'],
    ['--wait', 'wait until it serves, is rolled back or is turned down'],
    ['--timeout <duration>', 'with --wait: stop waiting after this long'],
  ],
  notes:
    'Exit codes: 0 accepted (with --wait: it serves), 4 waits for approval, 5 blocked by policy, 6 rolled back.',
  examples: [
    ['promote --to staging', 'the newest release'],
    ['promote 2 --to production --because "better recall"', 'release 2, with a reason'],
    ['promote 2 --to production --wait --timeout 15m', 'and wait for the rollout'],
  ],
  run: request,
}

async function request(call: Call): Promise<number> {
  const { args, output, world } = call
  const environment = args.text('to')
  if (environment === undefined) throw args.usage('say where to: --to ENVIRONMENT')
  const release = releaseNumber(call)
  const because = args.text('because')
  const connection = await call.connect('deliver')
  const { api } = connection
  const made = await api.promote({
    environment,
    ...(release === undefined ? {} : { release }),
    ...(because === undefined ? {} : { because }),
  })
  output.note(promotionHeadline(made, output.notePaint))
  const wait = args.flag('wait')
  const { ended, seen } = await watch<PromotionView>({
    clock: world.clock,
    interrupt: call.interrupt,
    look: () => api.promotion(made.id),
    show: changesOf(call, made),
    isOver: wait ? promotionIsOver : isDecided,
    away: () => output.note('the control plane is away; waiting for it to come back'),
    timeoutMs: args.duration('timeout') ?? (wait ? undefined : 10_000),
  })
  output.progress('')
  output.document(seen)
  output.print(...promotionReport(seen, output.paint, world.clock.now()), afterPromotion(seen))
  if (ended === 'over' || (ended === 'timeout' && !wait)) return promotionExitCode(seen)
  if (ended === 'timeout' && seen.phase === 'awaiting_approval') return exitCodes.waitingForApproval
  return detach(call, connection, {
    ended,
    what: `promotion ${seen.number}`,
    again: afterPromotion(seen).replace('next: ', ''),
  })
}

function releaseNumber({ args }: Call): number | undefined {
  const asked = args.at(0)
  if (asked === undefined) return undefined
  if (/^\d+$/.test(asked)) return Number(asked)
  throw args.usage(`'${asked}' is no release number`, 'lockstep releases')
}

/** The first answer to a request: the loop has looked at it. */
function isDecided(promotion: PromotionView): boolean {
  return promotion.phase !== 'requested' && promotion.phase !== 'evaluating'
}

function changesOf({ output }: Call, made: PromotionView): (promotion: PromotionView) => void {
  let phase = made.phase
  return (promotion) => {
    if (promotion.phase === phase) return
    phase = promotion.phase
    output.note(promotionHeadline(promotion, output.notePaint))
  }
}
