// `lockstep keys`: the keys that sign releases here, and those whose signatures count.
import { keysReport } from '../render/keys.ts'
import type { Verb } from '../verb.ts'

export const keys: Verb = {
  notes:
    'A release starts a replica only when a trusted key signed it. Keys come from this machine, from trust: in\nlockstep.yaml, and from `lockstep keys trust`; a revoked key counts nowhere, whoever names it.',
  examples: [
    ['keys', 'which keys sign, which are trusted, retired or revoked'],
    ['keys --json | jq -r .keys[].keyId', 'their ids, for a script'],
  ],
  run: async ({ output, connect }) => {
    const { api } = await connect('read')
    const view = await api.keys()
    output.document(view)
    output.print(...keysReport(view, output.paint))
    return 0
  },
}
