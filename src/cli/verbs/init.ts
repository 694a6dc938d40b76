// `lockstep init`: a project that works, from a template with real data.
import { relative, resolve } from 'node:path'
import {
  isLockstepError,
  LockstepError,
  sentenceOf,
  systemCodeOf,
} from '../../foundation/errors.ts'
import { plural } from '../render/text.ts'
import { copyTemplate, requireEmpty } from '../templates.ts'
import type { Verb } from '../verb.ts'

export const init: Verb = {
  args: [['[dir]', 'the new project folder (default: this one)']],
  options: [
    ['--template <name>', 'which template (default: income)'],
    ['--force', 'write into a folder that is not empty, over files of the same name'],
  ],
  examples: [
    ['init my-model', 'US census income, with data, gates and two environments'],
    ['init --template income .', 'in this folder'],
  ],
  run: async ({ args, output, world }) => {
    const target = resolve(world.cwd, args.at(0) ?? '.')
    const template = args.text('template') ?? 'income'
    if (!args.flag('force')) await requireEmpty(target)
    const files = await copyTemplate(template, target).catch((error: unknown) => {
      throw notWritten(target, error)
    })
    output.document({ dir: target, template, files })
    const dir = relative(world.cwd, target)
    output.print(
      `wrote ${plural(files.length, 'file')} of the template ${template} to ${target}`,
      '',
      'next:',
      ...(dir === '' ? [] : [`  cd ${dir}`]),
      '  lockstep run                    validate the data, train, evaluate, judge',
      '  lockstep up                     serve what passed; keep it open',
      '  lockstep status                 in another terminal: what serves where, what waits for whom',
    )
    return 0
  },
}

function notWritten(target: string, error: unknown): unknown {
  if (isLockstepError(error) || systemCodeOf(error) === undefined) return error
  return new LockstepError({
    code: 'cli.not_written',
    kind: 'unavailable',
    message: `the project cannot be written to ${target}: ${sentenceOf(error)}`,
    hint: 'check free space and that this user may write there',
    cause: error,
  })
}
