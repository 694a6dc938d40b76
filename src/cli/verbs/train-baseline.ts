// `lockstep train baseline`: the built-in trainer as a command, so that a pipeline needs no other language.
import { resolve } from 'node:path'
import type { BaselineReport } from '../../build/baseline/train-baseline.ts'
import { formatDuration } from '../../foundation/duration.ts'
import type { BaselineParams } from '../baseline-params.ts'
import { plural } from '../render/text.ts'
import type { Arguments, Call, Verb } from '../verb.ts'

export const trainBaselineVerb: Verb = {
  options: [
    ['--data <path>', 'a file, folder or glob of Parquet, CSV or JSON; several with commas'],
    [
      '--params <file>',
      'read options from the train key of this YAML or JSON file; options given here win',
    ],
    ['--label <column>', 'the column to predict, 0 or 1'],
    ['--columns <names>', 'the columns to learn from, with commas (default: all but the label)'],
    ['--exclude <names>', 'columns to leave out, with commas'],
    ['--where <condition>', 'a SQL condition that chooses the rows'],
    ['-C, --inverse-penalty <number>', 'inverse strength of the L2 penalty (default: 1)'],
    ['--threshold <number>', 'a score at or above it is a positive prediction (default: 0.5)'],
    [
      '--unseen <rule>',
      'ignore or error: what the model does with a new category (default: ignore)',
    ],
    ['--min-count <number>', 'rarer categories count as "other" (default: 1)'],
    ['--max-iterations <number>', 'default: 100'],
    ['--seed <number>', 'kept in the record of the model (default: 0)'],
    ['--out <file>', 'the ONNX file to write'],
    ['--report <file>', 'also write a JSON report'],
  ],
  notes:
    'L2-regularised logistic regression over standardised numbers and one-hot categories. The model takes the raw\ncolumns; the same rows and options give the same bytes.',
  examples: [
    ['train baseline --data train.parquet --label income_over_50k --out model.onnx', 'all columns'],
    [
      'train baseline --data train.parquet --params params.yaml --out model.onnx',
      'options from params.yaml',
    ],
    ['train baseline --data d.csv --label y --columns age,sex -C 0.1 --out m.onnx', 'two columns'],
  ],
  run: train,
}

async function train(call: Call): Promise<number> {
  const { args, output, world } = call
  const paths = args.list('data')
  const out = args.text('out')
  if (!paths?.length) throw args.usage('say what to learn from: --data PATH')
  if (out === undefined) throw args.usage('say where the model goes: --out FILE')
  const params: BaselineParams = { ...(await paramsOf(call)), ...optionsOf(args) }
  const { label, ...rest } = params
  if (label === undefined) {
    throw args.usage(
      'say which column to predict: --label COLUMN, or train.label in the file given with --params',
    )
  }
  const reportFile = args.text('report')
  const { trainBaseline } = await import('../../build/baseline/train-baseline.ts')
  const report = await trainBaseline({
    ...rest,
    label,
    data: paths.map((path) => resolve(world.cwd, path)),
    out: resolve(world.cwd, out),
    ...(reportFile === undefined ? {} : { report: resolve(world.cwd, reportFile) }),
    onProgress: ({ iteration, logLoss }) =>
      output.progress(`iteration ${iteration}, log loss ${logLoss.toFixed(5)}`),
  })
  output.progress('')
  output.document({ ...report, out })
  output.print(...summary(report, out))
  return 0
}

async function paramsOf({ args, world }: Call): Promise<BaselineParams> {
  const file = args.text('params')
  if (file === undefined) return {}
  const { readBaselineParams } = await import('../baseline-params.ts')
  return readBaselineParams(resolve(world.cwd, file))
}

function optionsOf(args: Arguments): BaselineParams {
  const unseen = args.text('unseen')
  if (unseen !== undefined && unseen !== 'ignore' && unseen !== 'error') {
    throw args.usage(`--unseen is '${unseen}'; it must be ignore or error`)
  }
  const given = {
    label: args.text('label'),
    columns: args.list('columns'),
    exclude: args.list('exclude'),
    where: args.text('where'),
    C: args.number('inverse-penalty'),
    threshold: args.number('threshold'),
    unseen,
    minCount: args.number('min-count'),
    maxIterations: args.number('max-iterations'),
    seed: args.number('seed'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function summary(report: BaselineReport, out: string): string[] {
  const end = report.converged ? 'converged' : 'NOT converged'
  return [
    `wrote ${out}: logistic regression over ${plural(report.columns.length, 'column')}, ${plural(report.features, 'feature')}`,
    `${plural(report.rows, 'row')}, ${report.positives.toLocaleString('en-US')} positive; ${end} after ${plural(report.iterations, 'iteration')} in ${formatDuration(report.seconds * 1000)}`,
    `on the training rows: AUC ${report.auc.toFixed(4)}, log loss ${report.logLoss.toFixed(4)}`,
  ]
}
