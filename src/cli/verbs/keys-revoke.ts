// `lockstep keys revoke`: what this key signed counts no more, at once and for good.
import { shortKey } from '../render/keys.ts'
import type { Verb } from '../verb.ts'

export const keysRevoke: Verb = {
  args: [['<key>', 'its id or the first digits of it']],
  options: [['--because <reason>', 'why; needed']],
  notes:
    'Releases with no other signature that counts go to quarantine: they are promoted nowhere, and a rollout that\ncarries one is taken back. What an environment serves, and its way back, stay up until a person decides:\n`lockstep rollback`, or `lockstep keys resign` after looking at the release. There is no way back for the key.',
  examples: [
    ['keys revoke 3f2a91c0 --because "the laptop was stolen"', 'by the beginning of its id'],
    ['keys revoke 3f2a91c0 --because "omar left" --json | jq .releases', 'what lost its trust'],
  ],
  run: async ({ args, output, connect }) => {
    const because = args.text('because')
    if (because === undefined) throw args.usage('a revocation needs its reason: --because "…"')
    const { api } = await connect('read')
    const { key, releases, serving } = await api.revokeKey(args.at(0) ?? '', { because })
    output.document({ key, releases, serving })
    const { paint } = output
    output.print(`${paint.good('✓ revoked')} ${shortKey(key.keyId)}: ${because}`)
    if (releases.length > 0)
      output.print(paint.warn(`! without a signature that counts: release ${releases.join(', ')}`))
    if (serving.length > 0)
      output.print(paint.warn(`! stays up until you decide: ${serving.join(', ')}`))
    output.print(
      releases.length > 0
        ? `next: lockstep verify ${releases.at(-1)}, then lockstep keys resign ${releases.at(-1)} --because "…"`
        : 'next: lockstep keys',
    )
    return 0
  },
}
