// `lockstep release export`: one file with a release and everything that proves it, to carry where no network goes.
import { resolve } from 'node:path'
import { bytesText, follow } from '../render/transfer.ts'
import type { Verb } from '../verb.ts'

export const releaseExport: Verb = {
  args: [['<release>', 'a release number']],
  options: [['-o, --output <file>', 'where to write it (default: MODEL-ALIAS.tar here)']],
  notes:
    'The file is a tar of an OCI image layout in ModelPack form. The same release gives the same bytes everywhere.\nAnyone with the public key can check it offline: lockstep verify FILE.tar --key release-ed25519.pub.pem',
  examples: [
    ['release export 3 -o income-3.tar', 'release 3 as one file'],
    ['release export 3 && sha256sum income-*.tar', 'the same digest whoever exports it'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const { api } = await call.connect('work')
    const release = await api.release(args.at(0) ?? '')
    const { model } = release.manifest as { model: string }
    const file = resolve(world.cwd, args.text('output') ?? `${model}-${release.alias}.tar`)
    const view = await api.exportRelease(String(release.number), { file }, follow(call))
    output.progress('')
    output.document(view)
    output.print(
      `${output.paint.good('✓')} release ${view.release} (${view.alias}) is in ${output.paint.strong(view.file)}, ${bytesText(view.size)}`,
      'its public key: .lockstep/keys/release-ed25519.pub.pem',
      `next, on the other side: lockstep release import ${view.file}`,
    )
    return 0
  },
}
