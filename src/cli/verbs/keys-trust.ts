// `lockstep keys trust`: releases that another key signed are accepted here.
import { readFile } from 'node:fs/promises'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { shortKey } from '../render/keys.ts'
import type { Verb } from '../verb.ts'

export const keysTrust: Verb = {
  args: [['<file>', 'public keys (PEM), as `lockstep keys export` writes them']],
  options: [['--because <reason>', 'why; needed']],
  notes:
    'This trust is a record of this project, effective at once. For trust that is reviewed like code, name the\nfile in lockstep.yaml instead: trust: {keys: [keys/ci.pub.pem]}.',
  examples: [
    ['keys trust ci.pub.pem --because "releases are built in CI"', 'accept what that key signed'],
    ['keys trust partner.pem --because "contract 17" --as olga', 'as olga'],
  ],
  run: async ({ args, output, connect }) => {
    const because = args.text('because')
    if (because === undefined) throw args.usage('trust needs its reason: --because "…"')
    const pem = await readPem(args.at(0) ?? '')
    const { api } = await connect('read')
    const trusted = await api.trustKeys({ pem, because })
    output.document(trusted)
    for (const key of trusted)
      output.print(
        `${output.paint.good('✓ trusted')} ${shortKey(key.keyId)} (${key.algorithm}): ${key.because}`,
      )
    output.print('next: lockstep keys')
    return 0
  },
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new LockstepError({
      code: 'cli.file_unreadable',
      kind: 'not_found',
      message: `${path} cannot be read: ${sentenceOf(error)}`,
    })
  }
}
