// What a run would do, without doing it: every step is known, must run, or waits for one that must.
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { inParallel } from '../artifacts/in-parallel.ts'
import { incompleteOf, judgeStep } from './judge-step.ts'
import type { KnownResults, PlanRequest, PreparedPipeline } from './pipeline-request.ts'
import { preparePipeline } from './pipeline-request.ts'
import type { StepKeyDocument } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

export type StepPlan =
  | {
      readonly name: string
      readonly decision: 'hit'
      readonly because: string
      readonly key: Digest
      readonly document: StepKeyDocument
      readonly outputs: readonly StepOutput[]
    }
  | {
      readonly name: string
      readonly decision: 'run'
      readonly because: string
      readonly key: Digest
      readonly document: StepKeyDocument
      /** Every difference from the step's newest result; empty when it never ran. */
      readonly changes: readonly string[]
    }
  | {
      readonly name: string
      /** Its key is unknown until the steps it waits for have run; they may well give what they gave before. */
      readonly decision: 'waits_for'
      readonly because: string
      readonly waitsFor: readonly string[]
    }

export async function planPipeline(request: PlanRequest): Promise<readonly StepPlan[]> {
  const prepared = await preparePipeline(request)
  return request.exactly === undefined ? planSteps(prepared) : requireKnownUpstream(prepared)
}

/**
 * A run of certain steps alone stands on known results.
 * @throws LockstepError `pipeline.upstream_unknown` naming each result that is not known.
 */
export async function requireKnownUpstream(
  prepared: PreparedPipeline,
): Promise<readonly StepPlan[]> {
  const { exactly } = prepared.request
  if (exactly === undefined) return []
  const plans = await planSteps(prepared)
  const unknown = plans.filter(
    ({ name, decision }) => decision !== 'hit' && !exactly.includes(name),
  )
  if (unknown.length === 0) return plans
  const named = unknown.map(({ name, because }) => `${name} (${because})`).join('; ')
  const alone = exactly.length === 1 ? `step ${exactly[0]}` : `the steps ${exactly.join(', ')}`
  throw new LockstepError({
    code: 'pipeline.upstream_unknown',
    kind: 'precondition',
    message: `${alone} cannot run alone: there is no known result of ${named}`,
    hint: `Run what is missing as well: lockstep run --to ${exactly.join(' --to ')}`,
    details: { unknown: unknown.map(({ name }) => name) },
  })
}

export async function planSteps(asked: PreparedPipeline): Promise<readonly StepPlan[]> {
  const prepared = { ...asked, known: await knownResults(asked) }
  const known = new Map<string, readonly StepOutput[]>()
  const plans: StepPlan[] = []
  for (const step of prepared.selected) {
    const { name } = step
    const sources = prepared.graph.upstream.get(name) ?? []
    const waitsFor = sources.filter((source) => !known.has(source))
    if (waitsFor.length > 0) {
      const because = `its inputs are known once ${waitsFor.join(', ')} ran`
      plans.push({ name, decision: 'waits_for', because, waitsFor })
      continue
    }
    const upstream = sources.flatMap((source) => known.get(source) ?? [])
    const judgement = await judgeStep(prepared, step, upstream)
    const { key, document, because } = judgement
    if (judgement.decision === 'hit') {
      const { outputs } = judgement.record
      known.set(name, outputs)
      plans.push({ name, decision: 'hit', because, key, document, outputs })
    } else {
      plans.push({ name, decision: 'run', because, key, document, changes: judgement.changes })
    }
  }
  return plans
}

/** An unchanged pipeline is known by its newest results: one question for all of them instead of one for each step. */
async function knownResults({ request, selected }: PreparedPipeline): Promise<KnownResults> {
  const records = (await request.actions.findMany?.(selected.map(({ name }) => name))) ?? []
  const looked = await inParallel(records, 16, async (record) => {
    return [record.key, { record, incomplete: await incompleteOf(record, request.store) }] as const
  })
  return new Map(looked)
}
