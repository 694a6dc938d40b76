// `lockstep unpin`: takes a pin away; what nothing else needs then waits for gc.
import type { Verb } from '../verb.ts'

export const unpin: Verb = {
  args: [['<what...>', 'what was pinned: a digest or its beginning, a release, a path']],
  options: [['--because <reason>', 'why, for the audit trail']],
  examples: [
    ['unpin release 3', 'release 3 is kept for its own sake only'],
    ['unpin sha256:3f2a91', 'one object'],
  ],
  run: async ({ args, output, connect }) => {
    const { api } = await connect('read')
    const view = await api.unpin({
      subject: args.words.join(' '),
      because: args.text('because'),
    })
    output.document(view)
    output.print(
      `${output.paint.good('✓ unpinned')} ${view.name ?? view.digest}`,
      `next: lockstep why-kept ${view.digest}`,
    )
    return 0
  },
}
