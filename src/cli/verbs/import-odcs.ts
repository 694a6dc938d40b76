// `lockstep import odcs`: a data contract becomes the schema and checks of a dataset, and every rule it had is accounted for.
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { plural } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const importOdcsVerb: Verb = {
  args: [['<file>', 'the contract: YAML of ODCS 3.x']],
  options: [
    ['--dataset <name>', 'what the dataset is called here (default: the name of the object)'],
    ['--object <name>', 'which object of the contract, when it describes several'],
    ['--path <path>', 'where the data is, as lockstep.yaml takes it'],
  ],
  notes:
    'Prints the `data:` part of lockstep.yaml; nothing is written. Rules that have no form here are listed with the reason.',
  examples: [
    ['import odcs orders.odcs.yaml', 'print what it says about the data'],
    [
      'import odcs contract.yaml --object orders --dataset orders --path data/orders',
      'one of several',
    ],
  ],
  run: async ({ args, output, world }) => {
    const file = args.at(0)
    if (file === undefined) throw args.usage('say which contract: lockstep import odcs FILE')
    const text = await readFile(resolve(world.cwd, file), 'utf8').catch((error) => {
      throw new LockstepError({
        code: 'import.unreadable',
        kind: 'not_found',
        message: `${file} cannot be read: ${sentenceOf(error)}`,
        hint: 'give the path of the contract',
      })
    })
    const { translateOdcs } = await import('../../build/imports/odcs.ts')
    const { odcsText } = await import('../../build/imports/write-odcs.ts')
    const dataset = translateOdcs(text, args.text('object') ?? null)
    if (isRefusal(dataset))
      throw new LockstepError({
        code: dataset.refused,
        kind: 'invalid',
        message: `${basename(file)}: ${dataset.because}`,
        hint: 'only contracts of ODCS 3.x are read: kind: DataContract, apiVersion: v3.…',
      })
    const name = args.text('dataset') ?? dataset.object
    const shown = odcsText(dataset, { name, path: args.text('path') ?? null })
    output.document({ ...dataset, dataset: name, text: shown })
    output.print(shown.trimEnd())
    const columns = Object.keys(dataset.schema).length
    const counted = `# ${plural(columns, 'column')}, ${plural(dataset.checks.length, 'check')}`
    output.print(
      '',
      dataset.notes.length === 0
        ? `${counted}; nothing was left out`
        : `${counted}; for you to look at:`,
    )
    for (const { about, kind, sentence } of dataset.notes)
      output.print(`#   ${about}: ${sentence}${kind === 'changed' ? ' (check it)' : ''}`)
    return 0
  },
}
