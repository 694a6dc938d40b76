// `lockstep release diff`: what is different between two releases, and whether their metrics differ beyond noise.
import { diffReport } from '../render/release-diff.ts'
import type { Verb } from '../verb.ts'

export const releaseDiff: Verb = {
  args: [
    ['<before>', 'a release number or id, or an environment: what serves there'],
    ['<after>', 'the same'],
  ],
  examples: [
    ['release diff 2 3', 'code, data, parameters, metrics, schema, environment, gates'],
    ['release diff production 3', 'what promoting release 3 would change'],
    ['release diff 2 3 --json | jq .metrics', 'for a script'],
  ],
  run: async (call) => {
    const { args, output } = call
    const { api } = await call.connect('read')
    const diff = await api.releaseDiff({ before: args.at(0) ?? '', after: args.at(1) ?? '' })
    output.document(diff)
    output.print(...diffReport(diff, output.paint))
    return 0
  },
}
