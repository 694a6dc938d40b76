// `lockstep why-kept`: the shortest reason why an object stays, or when it goes.
import { whyKeptReport } from '../render/keeping.ts'
import type { Verb } from '../verb.ts'

export const whyKept: Verb = {
  args: [['<what...>', 'a digest or its beginning, a release, a path']],
  notes: 'Exit codes: 0 something keeps it, 1 nothing does.',
  examples: [
    ['why-kept sha256:3f2a91', 'what needs this object'],
    ['why-kept release 3', 'what keeps release 3'],
    ['why-kept models/model.onnx', 'what keeps the newest result at this path'],
  ],
  run: async ({ args, output, connect }) => {
    const { api } = await connect('read')
    const view = await api.whyKept({ subject: args.words.join(' ') })
    output.document(view)
    output.print(...whyKeptReport(view, output.paint))
    if (!view.kept) output.print('next: lockstep pin DIGEST --because "…" keeps it')
    return view.kept ? 0 : 1
  },
}
