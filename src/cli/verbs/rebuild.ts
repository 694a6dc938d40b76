// `lockstep rebuild`: makes a release again from its record in a clean place and says how far it is reproducible, and why not further.
import { exitCodes } from '../exit-codes.ts'
import { rebuildReport } from '../render/rebuild.ts'
import type { Verb } from '../verb.ts'

export const rebuild: Verb = {
  args: [['<release>', 'a release number or id']],
  options: [
    ['--times <n>', 'rebuild it so often, each time from nothing (default 1)'],
    ['--tolerance <x>', 'a gate metric may move by so much and count as the same (default 0.005)'],
    ['--keep', 'leave the clean place for a look'],
  ],
  notes:
    'R4 equal bytes on another class of machine, R3 equal bytes here, R2 other bytes but equivalent metrics,\nR1 it runs again, R0 it does not. The signed answer is kept beside the release, which never changes.\nExit codes: 0 from R2 on, 12 below.',
  examples: [
    ['rebuild 3', 'from the recorded code, data, parameters and environments'],
    ['rebuild 3 --times 3', 'equal once may be luck'],
    ['rebuild 3 --json | jq .level', 'for a script'],
  ],
  run: async (call) => {
    const { args, output, interrupt } = call
    const times = args.number('times')
    const tolerance = args.number('tolerance')
    const { api } = await call.connect('work')
    const view = await api.rebuildRelease(
      args.at(0) ?? '',
      {
        keep: args.flag('keep'),
        ...(times === undefined ? {} : { times }),
        ...(tolerance === undefined ? {} : { tolerance }),
      },
      {
        told: ({ sentence, done, total }) =>
          output.progress(
            done === null || total === null ? sentence : `${done} of ${total}  ${sentence}`,
          ),
        signal: interrupt,
      },
    )
    output.progress('')
    output.document(view)
    output.print(...rebuildReport(view, output.paint))
    return view.reproduced ? exitCodes.done : exitCodes.notReproduced
  },
}
