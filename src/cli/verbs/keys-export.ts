// `lockstep keys export`: the public keys that verify this project's releases, for other machines and tools.
import { writeFile } from 'node:fs/promises'
import { LockstepError } from '../../foundation/errors.ts'
import type { Verb } from '../verb.ts'

export const keysExport: Verb = {
  options: [
    ['--out <file>', 'write there instead of standard output'],
    ['--model', 'only the key for `model_signing verify key --public_key`'],
  ],
  examples: [
    ['keys export > keys.pem', 'then elsewhere: lockstep verify release.tar --key keys.pem'],
    ['keys export --model --out model.pem', 'the ECDSA key for OpenSSF model signing'],
  ],
  run: async ({ args, output, connect }) => {
    const { api } = await connect('read')
    const { keys } = await api.keys()
    const wanted = keys.filter(({ signs }) =>
      args.flag('model') ? signs?.includes('models') : signs !== null,
    )
    if (wanted.length === 0) throw none()
    const pem = wanted.map(({ publicKeyPem }) => publicKeyPem).join('')
    output.document({ keys: wanted.map(({ keyId, algorithm }) => ({ keyId, algorithm })), pem })
    const out = args.text('out')
    if (out === undefined) output.print(pem.trimEnd())
    else {
      await writeFile(out, pem)
      output.print(
        `${output.paint.good('✓ wrote')} ${wanted.length === 1 ? 'one public key' : `${wanted.length} public keys`} to ${out}`,
      )
    }
    return 0
  },
}

function none(): LockstepError {
  return new LockstepError({
    code: 'cli.no_signing_key',
    kind: 'precondition',
    message: 'no key that is trusted signs here',
    hint: 'look at them: lockstep keys; make new ones: lockstep keys rotate',
  })
}
