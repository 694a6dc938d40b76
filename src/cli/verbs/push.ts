// `lockstep push`: sends a release to an OCI registry, where Lockstep and every OCI or ModelPack tool can get it.
import { follow, pushedLines, registryOf } from '../render/transfer.ts'
import type { Verb } from '../verb.ts'

export const push: Verb = {
  args: [
    ['<release>', 'a release number'],
    ['<place>', 'REGISTRY/REPOSITORY[:TAG] (default tag: latest)'],
  ],
  options: [
    ['--insecure', 'without encryption, also to another machine'],
    ['--mount-from <repository>', 'take big files from this repository of the same registry'],
  ],
  notes:
    'Only what the registry lacks is sent; the tag comes last. Pushing again goes on where it broke off.\nCredentials: LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD, else what docker login keeps.',
  examples: [
    ['push 3 localhost:5000/income:3', 'to a registry on this machine'],
    ['push 3 ghcr.io/team/income:2026-11', 'to a hosted one'],
  ],
  run: async (call) => {
    const { args, output } = call
    const mountFrom = args.text('mount-from')
    const { api } = await call.connect('work')
    const view = await api.pushRelease(
      args.at(0) ?? '',
      { ...registryOf(args, call, args.at(1) ?? ''), ...(mountFrom ? { mountFrom } : {}) },
      follow(call),
    )
    output.progress('')
    output.document(view)
    output.print(...pushedLines(view, output.paint))
    return 0
  },
}
