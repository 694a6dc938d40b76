// `lockstep trace`: what something was made from, what was made from it, and where that served.
import { traceReport } from '../render/keeping.ts'
import type { Verb } from '../verb.ts'

export const trace: Verb = {
  args: [
    [
      '<subject...>',
      'data:NAME, commit:SHA, run:4, release:3, environment:NAME, sha256:… or a path',
    ],
  ],
  options: [
    ['--up', 'only what it was made from'],
    ['--down', 'only what was made from it'],
  ],
  examples: [
    ['trace data:survey', 'every model trained on this dataset, and where each one served'],
    ['trace release:3 --up', 'the run, commit and data of release 3'],
    ['trace environment:production', 'everything it ever served, back to the data'],
  ],
  run: async ({ args, output, connect }) => {
    if (args.flag('up') && args.flag('down')) throw args.usage('both ways is what it shows anyway')
    const direction = args.flag('up') ? 'up' : args.flag('down') ? 'down' : undefined
    const { api } = await connect('read')
    const view = await api.trace({
      subject: args.words.join(' '),
      ...(direction === undefined ? {} : { direction }),
    })
    output.document(view)
    output.print(...traceReport(view, output.paint))
    return 0
  },
}
