// `lockstep data diff`: which lines of a dataset's schema new data breaks, and the change of lockstep.yaml that would let it in.
import { resolve } from 'node:path'
import { plural } from '../render/text.ts'
import { unifiedDiff } from '../render/unified-diff.ts'
import type { Verb } from '../verb.ts'

export const dataDiff: Verb = {
  args: [['<files...>', 'the new data']],
  options: [
    ['--dataset <name>', 'the dataset of lockstep.yaml'],
    ['--write', 'change lockstep.yaml as proposed; comments stay'],
  ],
  notes:
    'Exits with 0 when the data fits, with 1 when it breaks a line. A proposal is no advice: the data may be what is wrong.',
  examples: [
    ['data diff data/july.parquet --dataset train', 'what would have to change'],
    ['data diff data/july.parquet --dataset train --write', 'and do it'],
  ],
  run: async ({ args, output, world, projectDir }) => {
    const files = args.words
    const dataset = args.text('dataset')
    if (files.length === 0)
      throw args.usage('say which files: lockstep data diff FILE… --dataset NAME')
    if (dataset === undefined) throw args.usage('say which dataset: --dataset NAME')
    const found = await world.diffSchema({
      files: files.map((file) => resolve(world.cwd, file)),
      projectDir,
      dataset,
      write: args.flag('write'),
    })
    const diff = unifiedDiff(found.before, found.after, 'lockstep.yaml')
    output.document({ broken: found.broken, changes: found.changes, diff, written: found.written })
    if (found.broken.length === 0 && found.changes.length === 0) {
      output.print(`the data fits the schema of ${dataset}`)
      return 0
    }
    output.print(`${plural(found.broken.length, 'line')} of ${dataset} broken:`)
    for (const { column, field, because } of found.broken)
      output.print(`  ${column === null ? '' : `${column}.${field}: `}${because}`)
    const open = found.changes.filter(({ does }) => does === 'decide')
    if (open.length > 0)
      output.print(
        '',
        `for you to decide: ${open.map(({ column }) => column ?? 'the checks').join(', ')}`,
      )
    if (diff !== '') output.print('', diff.trimEnd())
    if (found.written !== null) output.print('', `wrote ${found.written}`)
    else if (diff !== '')
      output.print('', 'nothing was written; --write changes lockstep.yaml as shown')
    return found.broken.length > 0 ? 1 : 0
  },
}
