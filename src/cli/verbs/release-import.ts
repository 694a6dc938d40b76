// `lockstep release import`: takes a release from a file into this project, when a key the project trusts signed it.
import { resolve } from 'node:path'
import { follow, receivedLines } from '../render/transfer.ts'
import type { Verb } from '../verb.ts'

export const releaseImport: Verb = {
  args: [['<file>', 'a file from lockstep release export']],
  notes:
    'Every part is checked first; a file in which one byte differs is refused and nothing is recorded.',
  examples: [
    ['release import income-3.tar', 'then promote it like a release of this project'],
    ['release import income-3.tar --json | jq .release', 'its number here, for a script'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const { api } = await call.connect('work')
    const file = resolve(world.cwd, args.at(0) ?? '')
    const view = await api.importRelease({ file }, follow(call))
    output.progress('')
    output.document(view)
    output.print(...receivedLines(view, output.paint))
    return 0
  },
}
