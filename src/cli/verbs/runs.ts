// `lockstep runs`: the runs, newest first; with a number, one of them in full.
import { afterRun, runReport, runTable } from '../render/run.ts'
import type { Verb } from '../verb.ts'

export const runs: Verb = {
  args: [['[run]', 'a run number or id: show that one in full']],
  options: [
    ['--cancel', 'cancel the run that is named'],
    ['--because <reason>', 'why; kept in the audit trail'],
  ],
  examples: [
    ['runs', 'all of them'],
    ['runs 3', 'steps and gates of run 3'],
    ['runs 4 --cancel', 'stop run 4'],
  ],
  run: async (call) => {
    const { output, args, world } = call
    const asked = args.at(0)
    const { api } = await call.connect(args.flag('cancel') ? 'deliver' : 'read')
    if (asked === undefined) {
      if (args.flag('cancel')) throw args.usage('--cancel needs the number of a run')
      const all = await api.runs()
      output.document(all)
      output.print(...runTable(all, output.paint, world.clock.now()))
      if (all.length === 0) output.print('no run yet', 'next: lockstep run')
      return 0
    }
    if (args.flag('cancel')) {
      const because = args.text('because') ?? `cancelled by ${call.actor}`
      const answer = await api.cancelRun(asked, { because })
      output.document(answer)
      output.print(answer.because, `next: lockstep runs ${asked}`)
      return answer.accepted ? 0 : 5
    }
    const one = await api.run(asked)
    output.document(one)
    output.print(...runReport(one, output.paint), afterRun(one))
    return 0
  },
}
