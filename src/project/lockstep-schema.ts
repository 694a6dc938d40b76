// The shape of lockstep.yaml: the one source of its validation, its types and its JSON Schema. No defaults hidden in code paths.
import { z } from 'zod'
import { checkOptions, datasetSchema } from './dataset-schema.ts'
import { evaluate } from './evaluate-schema.ts'
import { duration } from './schema-units.ts'
import { pools, step } from './step-schema.ts'

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/, 'use lower-case letters, digits, - and _, starting with a letter')
const share = z
  .union([
    z.string().regex(/^\d+(\.\d+)?%$/, 'write a percentage such as 10%'),
    z.number().min(0).max(1),
  ])
  .describe('A share: 10% or 0.1')
const check = z
  .union([z.string().min(1), z.record(z.string(), checkOptions)])
  .describe('One assertion, e.g. "roc_auc >= 0.9", or {"gap(tpr) <= 0.10": {by: sex}}')

const canary = z.strictObject({
  shadow: z.strictObject({ mirror: share, hold: duration }).optional(),
  steps: z
    .array(z.union([share, z.strictObject({ share, hold: duration })]))
    .min(1)
    .describe('Increasing shares of traffic; full promotion follows the last'),
  hold: duration.default('30s').describe('The least time on each step'),
  bake: duration.default('1m').describe('How long both sides stay warm after full promotion'),
})
const strategy = z.union([
  z.enum(['recreate', 'blue_green', 'canary']),
  z.strictObject({ recreate: z.strictObject({ bake: duration.default('10s') }) }),
  z.strictObject({ blue_green: z.strictObject({ bake: duration.default('1m') }) }),
  z.strictObject({ canary }),
])

const analysis = z.strictObject({
  alpha: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe('Chance of rolling back a harmless release, over the whole rollout'),
  harm_ratio: z
    .number()
    .min(1)
    .default(1)
    .describe('Roll back when errors are shown to exceed this many times those of stable'),
  max_error_rate: share
    .default('2%')
    .describe('Go on only when the error rate is shown to be below this'),
  min_requests: z.int().min(1).default(100),
  deadline: duration.default('30m').describe('How long a step may stay undecided'),
  on_insufficient: z.enum(['pause', 'rollback', 'promote']).default('pause'),
})

const approval = z.strictObject({
  count: z.int().min(1).default(1),
  from: z
    .array(z.string().min(1))
    .default([])
    .describe('Who may approve; empty means anyone not excluded'),
  exclude: z
    .array(z.enum(['requester', 'author', 'run_starter']))
    .default(['requester', 'author', 'run_starter']),
  expires: duration.default('3d'),
})

const environment = z.strictObject({
  port: z.int().min(1).max(65_535).describe('Where the gateway listens for this environment'),
  replicas: z.int().min(1).max(64).default(1),
  after: name.optional().describe('The environment in which a release must have succeeded first'),
  soak: duration.default('0s').describe('How long it must have been there'),
  delivery: z
    .enum(['manual', 'automatic'])
    .describe(
      'manual: a person approves each move; automatic: a passing release goes on by itself',
    ),
  approval: approval.optional(),
  freezes: z
    .array(
      z.strictObject({
        from: z.iso.datetime({ offset: true }),
        until: z.iso.datetime({ offset: true }),
        because: z.string().min(1),
      }),
    )
    .default([]),
  strategy: strategy.default('blue_green'),
  analysis: analysis.prefault({}),
  promotion_ttl: duration.default('7d'),
})

const monitor = z.strictObject({
  drift: z.strictObject({
    environment: name,
    columns: z.array(z.string()).default([]).describe('Empty: every model input and the score'),
    min_rows: z.int().min(50).default(500),
    every: duration.default('1m'),
    window: duration.default('1h'),
    psi: z.number().gt(0).default(0.1),
    false_discovery: z.number().gt(0).lt(0.5).default(0.05),
    persistence: z.int().min(1).max(10).default(3),
  }),
})

const trigger = z.strictObject({
  on: z.union([
    z.strictObject({ alert: name }),
    z.strictObject({ schedule: z.string().min(1), time_zone: z.string().default('UTC') }),
    z.strictObject({ data: z.literal(true) }),
  ]),
  cooldown: duration.default('1h'),
  max_per_day: z.int().min(1).default(4),
})

const gateDefaults = z.strictObject({
  confidence: z.number().gt(0.5).lt(1).default(0.95).describe('Of each one-sided bound'),
  power: z
    .number()
    .gt(0.5)
    .lt(1)
    .default(0.8)
    .describe('Chance of deciding that "rows needed" are computed for'),
  min_support: z
    .int()
    .min(1)
    .default(30)
    .describe('Fewest rows in a denominator for a group to pass or fail'),
  on_insufficient: z
    .enum(['approve', 'block', 'warn'])
    .default('approve')
    .describe('An undecided check: a person decides, no release is made, or it only warns'),
  attempts: z
    .enum(['count', 'spend'])
    .default('count')
    .describe('Asking the same holdout again: only counted, or each time stricter'),
})

const waiver = z.strictObject({
  check: z.string().min(1).describe('The id of the check, such as fairness.gap(tpr).sex'),
  until: z.iso.date().describe('The last day on which it holds'),
  by: z.string().min(1).describe('Who answers for it; not an author of what is judged'),
  because: z.string().min(1),
})

export const lockstepSchema = z.strictObject({
  version: z.literal(1),
  project: name,
  model: z.strictObject({
    name,
    artifact: z.string().min(1).describe('The output that is the model, e.g. model.onnx'),
    owner: z.string().optional(),
    description: z.string().optional(),
    runbook: z
      .string()
      .min(1)
      .optional()
      .describe('A file of the project that says what to do when the model misbehaves'),
  }),
  data: z.record(name, datasetSchema).default({}),
  between: z
    .array(check)
    .default([])
    .describe('Checks of two datasets, such as overlap(train, holdout, by=key) = 0'),
  pipeline: z.record(name, step),
  pools,
  evaluate,
  gates: z
    .object({ defaults: gateDefaults.prefault({}) })
    .catchall(z.array(check))
    .prefault({}),
  waivers: z.array(waiver).default([]),
  environments: z.record(name, environment),
  monitors: z.record(name, monitor).default({}),
  triggers: z.record(name, trigger).default({}),
  release: z
    .strictObject({
      dirty: z
        .enum(['allow', 'refuse'])
        .default('refuse')
        .describe(
          'Whether a run whose files differ from the commit may seal a release; it is recorded',
        ),
    })
    .prefault({}),
  trust: z
    .strictObject({
      keys: z
        .array(z.string().min(1))
        .default([])
        .describe('Public keys (PEM files) whose releases this project accepts beside its own'),
    })
    .prefault({}),
  control: z.strictObject({ port: z.int().min(1).max(65_535).default(7070) }).prefault({}),
  gateway: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      workers: z.int().min(1).max(64).default(2),
      capture: share.default('100%').describe('Share of answered requests recorded for monitoring'),
    })
    .prefault({}),
})

export type RawProject = z.output<typeof lockstepSchema>
export type RawStrategy = z.output<typeof strategy>

/** JSON Schema (draft 2020-12) of lockstep.yaml, for editors; `docs/reference/lockstep.schema.json` is this, checked for staleness. */
export function lockstepJsonSchema(): Record<string, unknown> {
  return {
    title: 'lockstep.yaml',
    ...(z.toJSONSchema(lockstepSchema, { io: 'input' }) as Record<string, unknown>),
  }
}
