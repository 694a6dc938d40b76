// `lockstep gate slices`: where the judged model is weak, found on one half of the holdout and confirmed on the other.
import { pageWidth } from '../render/gates.ts'
import { follow } from '../render/transfer.ts'
import { weakSliceLines } from '../render/weak-slices.ts'
import type { Verb } from '../verb.ts'

export const gateSlices: Verb = {
  args: [['[subject]', 'a run number, or release:3; the last judged run when left out']],
  options: [
    ['--metric <name>', 'what to be weak in; by default what the gates look at in groups'],
    ['--columns <names>', 'look in these columns only, separated by commas'],
    ['--most <n>', 'put at most so many hypotheses to the test (default 10)'],
  ],
  notes:
    'Every value or quartile of every column of the holdout and every pair of them is a slice, down to the minimum support.\nOne half of the rows proposes, the other confirms: rows keep their half from run to run. No gate is decided here.',
  examples: [
    ['gate slices', 'where the last judged model is weak'],
    ['gate slices 12 --metric recall', 'positives it misses, in run 12'],
    ['gate slices --columns region,plan --json', 'in two columns, for a script'],
  ],
  run: async (call) => {
    const { args, output } = call
    const { api } = await call.connect('work')
    const subject = args.at(0)
    const metric = args.text('metric')
    const columns = args.list('columns')
    const most = args.number('most')
    if (most !== undefined && !(Number.isInteger(most) && most >= 1 && most <= 100))
      throw args.usage(`--most is ${most}, allowed are 1 to 100`)
    const found = await api.weakSlices(
      {
        ...(subject === undefined ? {} : { subject }),
        ...(metric === undefined ? {} : { metric }),
        ...(columns === undefined ? {} : { columns }),
        ...(most === undefined ? {} : { most }),
      },
      follow(call),
    )
    output.progress('')
    output.document(found)
    output.print(...weakSliceLines(found, output.paint, Math.min(pageWidth, output.columns)))
    return 0
  },
}
