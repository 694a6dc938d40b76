// `lockstep data infer`: a schema proposed from data files, every line with what it was inferred from.
import { basename, resolve } from 'node:path'
import { plural } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const dataInfer: Verb = {
  args: [['<files...>', 'files, folders or globs of Parquet, CSV or JSON']],
  options: [
    ['--dataset <name>', 'what the dataset is called (default: the name of the file)'],
    ['--path <path>', 'where lockstep.yaml finds the data (default: as given here)'],
  ],
  notes:
    'Prints a `data:` part for lockstep.yaml; nothing is written. Ranges and shares have slack, so that the next delivery of the\nsame data passes: tighten what you know better.',
  examples: [
    ['data infer data/train.parquet --dataset train', 'a schema to begin with'],
    ['data infer data/*.csv --json', 'for another program'],
  ],
  run: async ({ args, output, world }) => {
    const files = args.words
    const [first] = files
    if (first === undefined) throw args.usage('say which files: lockstep data infer FILE…')
    const { schemaText } = await import('../../project/edit-schema.ts')
    const schema = await world.inferSchema(files.map((file) => resolve(world.cwd, file)))
    const dataset = args.text('dataset') ?? nameFrom(first)
    const text = schemaText(dataset, { ...schema, path: args.text('path') ?? first })
    output.document({ ...schema, dataset, text })
    output.print(text.trimEnd())
    output.print(
      '',
      `# from ${plural(schema.rows, 'row')}, ${plural(schema.columns.length, 'column')}`,
    )
    return 0
  },
}

/** `data/train-2026.parquet` → `train-2026`, in letters that a name may have. */
function nameFrom(path: string): string {
  const name = basename(path)
    .replace(/\..*$/, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
  return name.replace(/^-+|-+$/g, '') || 'dataset'
}
