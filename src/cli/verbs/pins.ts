// `lockstep pins`: what people have pinned, newest first.
import { pinTable } from '../render/keeping.ts'
import type { Verb } from '../verb.ts'

export const pins: Verb = {
  examples: [
    ['pins', 'what stays because someone said so'],
    ['pins --json | jq -r .[].digest', 'their digests, for a script'],
  ],
  run: async ({ output, connect }) => {
    const { api } = await connect('read')
    const all = await api.pins()
    output.document(all)
    output.print(...pinTable(all))
    if (all.length === 0) {
      output.print('nothing is pinned', 'next: lockstep pin release N --because "…"')
    }
    return 0
  },
}
