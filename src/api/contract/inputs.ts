// What callers may send: one schema per input, checked at the door. Browser-safe.
import { z } from 'zod'
import { gateInputs } from './gate-routes.ts'
import { keepingInputs } from './keeping-routes.ts'
import { packageInputs } from './package-routes.ts'
import { pipelineInputs } from './pipeline-routes.ts'
import { releaseInputs } from './release-routes.ts'
import type { LockstepApi } from './routes.ts'
import { trustInputs } from './trust-routes.ts'

const text = z.string().min(1).max(2000)
const command = z.strictObject({
  because: text.optional(),
  idempotencyKey: z.string().min(1).max(200).optional(),
})

const names = z.array(z.string().min(1).max(300)).max(10_000)

/** Query values arrive as text; numbers among them are coerced. */
const count = z.coerce.number().int().min(0)

export const inputSchemas: Partial<Record<keyof LockstepApi, z.ZodType>> = {
  startRun: command.extend({
    force: z.boolean().optional(),
    forceSteps: names.optional(),
    to: names.optional(),
    only: names.optional(),
    parallelism: z.int().min(1).max(1024).optional(),
    traceReads: z.boolean().optional(),
  }),
  cancelRun: command,
  logs: z.strictObject({ run: text.optional(), step: text.optional(), after: count.optional() }),
  promote: command.extend({ release: z.int().min(1).optional(), environment: text }),
  approve: command.extend({ binding: text, comment: text.optional() }),
  reject: command,
  cancelPromotion: command,
  commandRollout: command,
  rollback: command,
  hold: command,
  clearHold: command,
  events: z.strictObject({
    after: count.optional(),
    object: text.optional(),
    limit: count.max(1000).optional(),
  }),
  why: z.strictObject({ subject: text, environment: text.optional() }),
  ...pipelineInputs,
  ...keepingInputs,
  ...packageInputs,
  ...trustInputs,
  ...releaseInputs,
  ...gateInputs,
}
