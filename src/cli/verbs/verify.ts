// `lockstep verify`: checks every part of a release and names each: one of this project, an archive, or one in a registry.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { VerifyView } from '../../api/contract/package-routes.ts'
import { exitCodes } from '../exit-codes.ts'
import { follow, registryOf, verifiedLines } from '../render/transfer.ts'
import type { Call, Verb } from '../verb.ts'

export const verify: Verb = {
  args: [['<subject>', 'a release number, a FILE.tar, or REGISTRY/REPOSITORY:TAG']],
  options: [
    [
      '--key <file>',
      'trust this public key (PEM) and no project: works anywhere, for a file offline',
    ],
    ['--insecure', 'a registry without encryption, also on another machine'],
  ],
  notes: `Exit codes: 0 every part holds, ${exitCodes.notVerified} at least one does not.`,
  examples: [
    ['verify 3', 'release 3 of this project, byte for byte'],
    ['verify income-3.tar --key release-ed25519.pub.pem', 'offline, without a project'],
    ['verify localhost:5000/income:3', 'what a registry holds'],
  ],
  run: async (call) => {
    const { output } = call
    const view = await verified(call, subjectOf(call))
    output.progress('')
    output.document(view)
    output.print(...verifiedLines(view, output.paint))
    return view.verified ? exitCodes.done : exitCodes.notVerified
  },
}

type Subject = { readonly release: string } | { readonly file: string } | { readonly place: string }

function subjectOf({ args, world }: Call): Subject {
  const text = args.at(0) ?? ''
  const file = resolve(world.cwd, text)
  if (/^\d+$/.test(text) || text.startsWith('rel_')) return { release: text }
  if (existsSync(file) || text.endsWith('.tar')) return { file }
  if (text.includes('/')) return { place: text }
  throw args.usage(
    `'${text}' is no release number, no file here and no place in a registry`,
    'lockstep releases',
  )
}

async function verified(call: Call, subject: Subject): Promise<VerifyView> {
  const { args, world, projectDir } = call
  const key = args.text('key')
  const hasProject = existsSync(resolve(projectDir, 'lockstep.yaml'))
  if ('release' in subject) {
    if (key !== undefined)
      throw args.usage('--key is for a file or a registry; a release of this project has its keys')
    return (await call.connect('work')).api.verifyPackage(subject, follow(call))
  }
  if (key === undefined && hasProject) {
    const { api } = await call.connect('work')
    const input = 'file' in subject ? subject : { registry: registryOf(args, call, subject.place) }
    return api.verifyPackage(input, follow(call))
  }
  if (key === undefined)
    throw args.usage(
      'there is no project here whose keys could be trusted',
      'add --key PUBLIC_KEY.pem, the public key of whoever sealed it',
    )
  return world.verifyOffline({
    ...follow(call),
    subject:
      'file' in subject
        ? subject
        : { registry: subject.place, ...(args.flag('insecure') ? { insecure: true } : {}) },
    keys: [resolve(world.cwd, key)],
  })
}
