// `lockstep pin`: an object or release stays, with everything behind it, until it is unpinned.
import type { Verb } from '../verb.ts'

export const pin: Verb = {
  args: [['<what...>', 'a digest or its beginning, a release, a path']],
  options: [['--because <reason>', 'why; needed']],
  examples: [
    ['pin release 3 --because "reference for the audit"', 'release 3 and all it was made from'],
    ['pin sha256:3f2a91 --because "customer data question"', 'one object'],
  ],
  run: async ({ args, output, connect }) => {
    const because = args.text('because')
    if (because === undefined) throw args.usage('a pin needs its reason: --because "…"')
    const { api } = await connect('read')
    const view = await api.pin({ subject: args.words.join(' '), because })
    output.document(view)
    output.print(
      `${output.paint.good('✓ pinned')} ${view.name ?? view.digest}: ${view.because}`,
      'next: lockstep pins',
    )
    return 0
  },
}
