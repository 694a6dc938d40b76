// `lockstep logs`: the lines of steps, so far or as they come.
import type { LogLineView } from '../../api/contract/views.ts'
import { exitCodes } from '../exit-codes.ts'
import { logPainter } from '../log-tail.ts'
import type { Call, Verb } from '../verb.ts'
import { watch } from '../watch.ts'

export const logs: Verb = {
  options: [
    ['-f, --follow', 'go on as lines come, until Ctrl-C; with --json one document a line'],
    ['--run <run>', 'only of this run'],
    ['--step <step>', 'only of this step'],
  ],
  examples: [
    ['logs -f', 'everything, as it comes'],
    ['logs --run 3 --step train', 'what training printed in run 3'],
  ],
  run: async (call) => {
    const { api } = await call.connect('read')
    const { args, output } = call
    const run = args.text('run')
    const step = args.text('step')
    const filter = {
      ...(run === undefined ? {} : { run }),
      ...(step === undefined ? {} : { step }),
    }
    if (args.flag('follow')) return follow(call, (after) => api.logs({ ...filter, after }))
    const lines = await api.logs(filter)
    output.document(lines)
    printEach(call, lines, logPainter(output.paint))
    if (lines.length === 0) output.note('no lines yet')
    return 0
  },
}

async function follow(
  call: Call,
  look: (after: number) => Promise<LogLineView[]>,
): Promise<number> {
  let seen = 0
  const paint = logPainter(call.output.paint)
  await watch({
    clock: call.world.clock,
    interrupt: call.interrupt,
    look: () => look(seen),
    show: (lines) => {
      seen += lines.length
      for (const line of lines) call.output.documentLine(line)
      printEach(call, lines, paint)
    },
    isOver: () => false,
    away: () => call.output.note('the control plane is away; waiting for it to come back'),
    everyMs: 500,
  })
  return exitCodes.interrupted
}

/** One by one: a flood has more lines than a call may have arguments. */
function printEach(
  { output }: Call,
  lines: readonly LogLineView[],
  painted: (line: LogLineView) => string,
): void {
  for (const line of lines) output.print(painted(line))
}
