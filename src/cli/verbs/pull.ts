// `lockstep pull`: takes a release from an OCI registry into this project, when a key the project trusts signed it.
import { follow, receivedLines, registryOf } from '../render/transfer.ts'
import type { Verb } from '../verb.ts'

export const pull: Verb = {
  args: [['<place>', 'REGISTRY/REPOSITORY[:TAG] or REGISTRY/REPOSITORY@sha256:DIGEST']],
  options: [['--insecure', 'without encryption, also from another machine']],
  notes:
    'The signature is checked before anything big is fetched, every byte before the release is recorded.\nIt gets a number of this project and can be promoted like one of its own.\nCredentials: LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD, else what docker login keeps.',
  examples: [
    ['pull localhost:5000/income:3', 'the release under a tag'],
    ['pull ghcr.io/team/income:2026-11', 'from a hosted registry'],
  ],
  run: async (call) => {
    const { args, output } = call
    const { api } = await call.connect('work')
    const view = await api.pullRelease(registryOf(args, call, args.at(0) ?? ''), follow(call))
    output.progress('')
    output.document(view)
    output.print(...receivedLines(view, output.paint))
    return 0
  },
}
