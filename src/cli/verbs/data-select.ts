// `lockstep data select`: rows and columns of data files into one Parquet file; the same bytes every time.
import { resolve } from 'node:path'
import { plural } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const dataSelect: Verb = {
  options: [
    ['--from <path>', 'a file, folder or glob of Parquet, CSV or JSON; several with commas'],
    ['--where <condition>', 'a SQL condition that chooses the rows'],
    ['--columns <names>', 'the columns to keep, with commas (default: all)'],
    ['--order-by <names>', 'sort by these columns (default: the order of the files)'],
    ['--out <file>', 'the Parquet file to write'],
  ],
  examples: [
    [
      `data select --from data/survey --where "split = 'train'" --out train.parquet`,
      'the training rows',
    ],
    ['data select --from people.csv --columns age,sex --out small.parquet', 'two columns'],
  ],
  run: async ({ args, output, world }) => {
    const from = args.list('from')
    const out = args.text('out')
    if (!from?.length) throw args.usage('say what to read: --from PATH')
    if (out === undefined) throw args.usage('say what to write: --out FILE')
    const where = args.text('where')
    const columns = args.list('columns')
    const orderBy = args.list('order-by')
    const { selectTable } = await import('../../build/tables/select.ts')
    const report = await selectTable({
      from: from.map((path) => resolve(world.cwd, path)),
      out: resolve(world.cwd, out),
      ...(where === undefined ? {} : { where }),
      ...(columns === undefined ? {} : { columns }),
      ...(orderBy === undefined ? {} : { orderBy }),
    })
    output.document({ ...report, out })
    output.print(
      `wrote ${out}: ${plural(report.rows, 'row')}, ${plural(report.columns.length, 'column')}`,
    )
    return 0
  },
}
