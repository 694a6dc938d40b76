// What a run would do, without doing it: every step is known, must run, or waits for one that must.
import type { Digest } from '../../foundation/digest.ts'
import { judgeStep } from './judge-step.ts'
import type { PlanRequest, PreparedPipeline } from './pipeline-request.ts'
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
  return planSteps(await preparePipeline(request))
}

export async function planSteps(prepared: PreparedPipeline): Promise<readonly StepPlan[]> {
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
