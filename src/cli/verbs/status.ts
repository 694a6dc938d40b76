// `lockstep status`: the whole project on one screen, once or again and again.
import { exitCodes } from '../exit-codes.ts'
import { statusReport } from '../render/status.ts'
import type { Call, Verb } from '../verb.ts'
import { watch } from '../watch.ts'

export const status: Verb = {
  options: [
    ['-w, --watch', 'again every two seconds until Ctrl-C; with --json one document a line'],
    ['--every <duration>', 'how often, with --watch (default: 2s)'],
  ],
  examples: [
    ['status', 'what serves where and what waits for whom'],
    ['status --watch', 'keep looking'],
    ['status --json | jq .environments', 'for a script'],
  ],
  run: async (call) => {
    const { output, world } = call
    const { api } = await call.connect('read')
    if (call.args.flag('watch')) return keepLooking(call)
    const seen = await api.status()
    output.document(seen)
    output.print(...statusReport(seen, output.paint, world.clock.now()))
    return 0
  },
}

async function keepLooking(call: Call): Promise<number> {
  const { output, world, interrupt, args } = call
  const { api } = await call.connect('read')
  await watch({
    clock: world.clock,
    interrupt,
    look: () => api.status(),
    show: (seen) => {
      output.documentLine(seen)
      // Home and clear, on a terminal only: elsewhere each look follows the one before.
      if (world.stdout.isTTY && !output.json) world.stdout.write('\u001b[H\u001b[2J')
      output.print(...statusReport(seen, output.paint, world.clock.now()))
    },
    isOver: () => false,
    away: () => output.note('the control plane is away; waiting for it to come back'),
    everyMs: args.duration('every') ?? 2000,
  })
  return exitCodes.interrupted
}
