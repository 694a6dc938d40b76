// `lockstep get`: brings what a step made out of the store, into this folder or wherever it is wanted.
import { basename, resolve } from 'node:path'
import { bytesText } from '../render/transfer.ts'
import type { Verb } from '../verb.ts'

export const get: Verb = {
  args: [['<output>', 'an output as lockstep.yaml names it: model.onnx']],
  options: [
    ['--run <run>', 'of this run (default: the newest run that has it)'],
    ['-o, --output <path>', 'where to put it (default: its own name, here)'],
    ['--force', 'replace what is there'],
  ],
  notes: 'Steps run in folders of their own, so what they make is not left in the project.',
  examples: [
    ['get model.onnx', 'the newest model, into this folder'],
    ['get metrics.json --run 3 -o before.json', 'what an earlier run measured'],
    ['get reports -o /tmp/reports', 'a whole folder'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const path = args.at(0) ?? ''
    const run = args.text('run')
    const { api } = await call.connect('work')
    const brought = await api.bringOutput({
      path,
      to: resolve(world.cwd, args.text('output') ?? basename(path)),
      replace: args.flag('force'),
      ...(run === undefined ? {} : { run }),
    })
    output.document(brought)
    output.print(
      `${output.paint.good('✓')} ${brought.path} of run ${brought.run} (step ${brought.step}) is at ${output.paint.strong(brought.to)}, ${brought.files === 1 ? '' : `${brought.files} files, `}${bytesText(brought.size)}`,
    )
    return 0
  },
}
