// `lockstep keys rotate`: new keys sign from now on.
import { shortKey } from '../render/keys.ts'
import type { Verb } from '../verb.ts'

export const keysRotate: Verb = {
  options: [['--because <reason>', 'kept in the audit trail (default: a regular rotation)']],
  notes:
    'The old private keys are removed. What they signed before stays trusted; what turns up later with their\nsignature does not.',
  examples: [
    ['keys rotate', 'new keys for the next releases'],
    ['keys rotate --because "omar left the team"', 'with its reason'],
  ],
  run: async ({ args, output, connect }) => {
    const { api } = await connect('read')
    const made = await api.rotateKeys({ because: args.text('because') ?? 'a regular rotation' })
    output.document(made)
    for (const key of made)
      output.print(
        `${output.paint.good('✓')} ${shortKey(key.keyId)} (${key.algorithm}) signs ${key.signs} from now on`,
      )
    output.print('next: lockstep keys export > keys.pem   for those who verify elsewhere')
    return 0
  },
}
