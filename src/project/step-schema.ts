// The shape of one step under `pipeline`, and of the pools that steps share.
import { z } from 'zod'
import { amountOfMemory, duration } from './schema-units.ts'

const path = z.string().min(1)
const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'write the name of an environment variable, such as HF_TOKEN')
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const item = z
  .union([scalar, z.record(z.string(), z.union([scalar, z.array(scalar)]))])
  .describe(`A value, or a map whose members are \${item.name}`)

const environment = z
  .union([
    z.strictObject({ python: path.describe('requirements.txt with exact versions') }),
    z.strictObject({ node: path.describe('package-lock.json') }),
  ])
  .describe('A language environment made from a lock file, once; part of the step key')

const resources = z
  .object({
    cpu: z
      .number()
      .gt(0)
      .default(1)
      .describe('Processors it keeps busy; it waits until so many are free'),
    memory: amountOfMemory
      .optional()
      .describe('The most it may hold; it waits until so much is free'),
  })
  .catchall(z.int().min(1).describe('Units of a pool declared under pools, such as gpu: 1'))

const hasMembers = (map: object) => Object.keys(map).length > 0

const expansion = {
  foreach: z
    .union([
      z.array(item).min(1),
      z.record(z.string(), item).refine(hasMembers, 'name at least one item'),
    ])
    .optional()
    .describe(`One step per item: \${item} or \${item.name}, \${key}; named step@key`),
  matrix: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'use letters, digits, - and _'),
      z.array(scalar).min(1),
    )
    .refine(hasMembers, 'name at least one axis, such as C: [0.1, 1]')
    .optional()
    .describe(`One step per combination: \${matrix.C}`),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .optional()
    .describe(`One replicate per seed, named step@seed-1; outputs contain \${seed}`),
}

export const step = z
  .strictObject({
    run: z
      .union([z.string().min(1), z.array(z.string()).min(1)])
      .optional()
      .describe(
        'A command: a line that is split into words, or a list of words; no shell is involved',
      ),
    shell: z.string().min(1).optional().describe('A command line for /bin/sh'),
    folder: path.optional().describe('Where the command runs, relative to lockstep.yaml'),
    inputs: z
      .array(path)
      .default([])
      .describe('Files, folders or globs; outputs of other steps make the graph'),
    params: z
      .array(path)
      .default([])
      .describe('Parameters the step may read, as file:key, e.g. params.yaml:train'),
    outputs: z.array(path).default([]).describe('Files or folders the step makes'),
    metrics: z
      .array(path)
      .default([])
      .describe('Outputs that hold numbers (JSON or YAML), shown and compared between runs'),
    env: z
      .record(z.string(), z.string())
      .default({})
      .describe('Environment variables; part of the step key'),
    inherit_env: z
      .array(variable)
      .default([])
      .describe('Variables of the machine the step may see; their values are part of the step key'),
    secrets: z
      .record(
        variable,
        z
          .string()
          .regex(/^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, 'write env:NAME or file:path')
          .describe('env:NAME or file:path'),
      )
      .default({})
      .describe('Variables whose values are fetched when the step starts and shown nowhere'),
    environment: environment.optional(),
    resources: resources.prefault({}),
    timeout: duration
      .refine((text) => /[1-9]/.test(text), 'must be longer than nothing')
      .default('1h'),
    retries: z.int().min(0).max(10).default(0),
    backoff: duration
      .default('1s')
      .describe('Pause before the second attempt; doubled before each further one'),
    seed: z.int().min(0).nullable().default(null),
    ...expansion,
  })
  .refine(
    (value) => (value.run === undefined) !== (value.shell === undefined),
    'give either run or shell',
  )
  .refine(
    (value) => value.outputs.length + value.metrics.length > 0,
    'name at least one file or folder under outputs or metrics',
  )
  .refine(
    (value) => value.foreach === undefined || value.matrix === undefined,
    'give either foreach or matrix',
  )
  .refine((value) => value.seeds === undefined || value.seed === null, 'give either seed or seeds')

export const pools = z
  .record(
    z
      .string()
      .regex(
        /^[a-z][a-z0-9_-]*$/,
        'use lower-case letters, digits, - and _, starting with a letter',
      ),
    z.int().min(1),
  )
  .default({})
  .describe('What steps share, by name and number: gpu: 2')

export type RawStep = z.output<typeof step>
