// `lockstep keys resign`: today's keys sign a release that was sealed before.
import { shortKey } from '../render/keys.ts'
import type { Verb } from '../verb.ts'

export const keysResign: Verb = {
  args: [['<release>', 'a release number or id']],
  options: [['--because <reason>', 'why it may be trusted; needed']],
  notes:
    'The release keeps its identity, its number and its first signature; further ones are added. Only recorded\ndigests are signed, so a large model takes no longer than a small one.',
  examples: [
    ['keys resign 3 --because "rebuilt and compared after the theft"', 'out of quarantine'],
    ['keys resign 3 --because "new key since May" --json', 'with the digests of what was added'],
  ],
  run: async ({ args, output, connect }) => {
    const because = args.text('because')
    if (because === undefined) throw args.usage('signing again needs its reason: --because "…"')
    const { api } = await connect('read')
    const view = await api.resignRelease(args.at(0) ?? '', { because })
    output.document(view)
    const name = `release ${view.release} (${view.alias})`
    output.print(
      view.added.length === 0
        ? `${name} is signed by ${shortKey(view.keyId)} already`
        : `${output.paint.good('✓ signed')} ${name} again by ${shortKey(view.keyId)}: ${view.added.map(({ kind }) => kind).join(', ')}`,
      `next: lockstep verify ${view.release}`,
    )
    return 0
  },
}
