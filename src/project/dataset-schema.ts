// The shape of one dataset in lockstep.yaml: where it is, what its columns mean, and what must hold of it.
import { z } from 'zod'

export const checkOptions = z.record(z.string(), z.unknown())
export const sqlCheck = z
  .looseObject({ sql: z.string().min(1).describe('One SELECT; the table is called this') })
  .describe('{sql: "select * from this where a > b", name: …, expect: 0 rows, timeout: 60s}')
export const checkLine = z
  .union([z.string().min(1), sqlCheck, z.record(z.string(), checkOptions)])
  .describe('One assertion, e.g. "roc_auc >= 0.9", or {"gap(tpr) <= 0.10": {by: sex}}')

const amount = z.union([z.number(), z.string().min(1)])
const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)])

export const columnSchema = z.strictObject({
  type: z
    .string()
    .min(1)
    .optional()
    .describe('integer, number, text, boolean, date, timestamp, or as stored: DECIMAL(18,3)'),
  required: z
    .boolean()
    .optional()
    .describe('true: there and never missing; false: the column may be absent'),
  unique: z.boolean().default(false),
  between: z.tuple([amount, amount]).optional(),
  min: amount.optional(),
  max: amount.optional(),
  in: z.array(amount).min(1).optional(),
  matches: z.string().min(1).optional().describe('A regular expression (RE2)'),
  format: z
    .string()
    .min(1)
    .optional()
    .describe('email, url, uuid, iban, ipv4, ipv6, json, iso_date, iso_datetime'),
  length: z
    .union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])])
    .optional()
    .describe('Of a text: exactly, or [least, greatest]'),
  missing: amount.optional().describe('The allowed share: 1%, or "< 1%"'),
  missing_values: z
    .array(amount)
    .min(1)
    .optional()
    .describe('Values that stand for a missing one: N/A, -999'),
  role: z.enum(['label', 'key', 'time', 'sensitive', 'feature']).optional(),
  valid: amount.optional().describe('The share of values that must satisfy the rules: ">= 99.5%"'),
  new_values: z
    .enum(['fail', 'warn'])
    .default('fail')
    .describe('What a value that is not in the list does'),
})

export const datasetSchema = z.strictObject({
  path: z.string().min(1).describe('A file, folder or glob, relative to lockstep.yaml'),
  key: names.optional().describe('The columns that tell rows apart'),
  time: z.string().min(1).optional().describe('When a row happened'),
  label: z.string().min(1).optional().describe('What is predicted'),
  redact: z
    .boolean()
    .default(false)
    .describe('Never record values of rows as examples: counts and places only'),
  columns: z
    .enum(['open', 'closed', 'ordered'])
    .default('open')
    .describe('open: other columns may be there; closed: none; ordered: none, and in this order'),
  schema: z.record(z.string().min(1), columnSchema).default({}),
  checks: z.array(checkLine).default([]),
})

export type RawColumn = z.output<typeof columnSchema>
export type RawDataset = z.output<typeof datasetSchema>
export type RawLine = z.output<typeof checkLine>
