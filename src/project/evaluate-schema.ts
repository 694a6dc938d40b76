// The `evaluate:` part of lockstep.yaml: which rows the packaged model is judged on, and how its answers are read.
import { z } from 'zod'
import { duration } from './schema-units.ts'

const column = z.string().min(1)

export const evaluate = z.strictObject({
  data: z.string().min(1).describe('The holdout: a dataset name or a file some step makes'),
  task: z
    .enum(['binary', 'multiclass', 'regression', 'ranking'])
    .optional()
    .describe(
      'What the model predicts. Default: ranking with `query`, multiclass with three or more `classes`, else binary',
    ),
  label: column,
  classes: z
    .array(z.union([z.string(), z.number(), z.boolean()]))
    .min(2)
    .optional()
    .describe(
      'Label values in the order of the model’s probabilities (of two, the second is positive). Default: 0 and 1, or the labels in sorted order',
    ),
  threshold: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe('A score at or above it is a positive prediction; default 0.5'),
  groups: z
    .array(z.string())
    .default([])
    .describe('Columns whose groups gates may compare; they need not be model inputs'),
  slices: z
    .array(z.string().min(1))
    .default([])
    .describe('Parts of the holdout for gates: plan, plan=team, "tenure < 6", plan x region'),
  score: z
    .strictObject({ output: z.string().min(1), column: z.int().min(0).default(0) })
    .optional()
    .describe(
      'Which model output is the score (multiclass: the probabilities); by default found by name and shape',
    ),
  weights: column.optional().describe('A column of row weights, 0 or more'),
  cluster_by: column
    .optional()
    .describe('A column such as customer_id whose rows belong together; bounds allow for it'),
  time: column.optional().describe('The column that says when a row happened'),
  block: duration.optional().describe('Rows of one block of time are drawn together; needs `time`'),
  matured: duration
    .optional()
    .describe('Rows younger than this, from the newest row, are left out; needs `time`'),
  query: column.optional().describe('Ranking: the column that names the query of a row'),
  predictions: z
    .union([
      z.string().min(1),
      z.strictObject({
        file: z.string().min(1),
        key: column.optional().describe('A column in both files; default: rows in the same order'),
        columns: z.array(column).min(1).optional().describe('One, or one per class'),
      }),
    ])
    .optional()
    .describe('What the training code predicted for these rows, compared by parity(training)'),
  train: z
    .string()
    .min(1)
    .optional()
    .describe('What the logistic baseline learns from: a dataset name or a file some step makes'),
  anchor: z.int().min(1).optional().describe('The number of a release to compare with for good'),
})

export type RawEvaluate = z.output<typeof evaluate>
