// A run of a part of the pipeline: its steps and nothing after them. A release pins what every step gave, so a run that
// leaves any step out is neither judged nor sealed, even when the model is among what it made.

import type { StepResult } from '../../build/pipeline/step-run.ts'
import { formatBytes } from '../../foundation/format-bytes.ts'
import type { Part } from './part-of-pipeline.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { RunRecorder } from './run-recorder.ts'
import { runSteps } from './run-steps.ts'
import type { RunWorld } from './run-world.ts'

export async function runPart(
  world: RunWorld,
  run: { readonly recorder: RunRecorder; readonly inputs: ResolvedInputs; readonly part: Part },
  signal: AbortSignal,
): Promise<void> {
  const { recorder, inputs, part } = run
  const { outcome, because, result } = await runSteps(world, recorder, inputs, signal)
  signal.throwIfAborted()
  if (outcome !== 'succeeded')
    return recorder.end({ phase: outcome === 'failed' ? 'errored' : outcome, because })
  return recorder.end({ phase: 'succeeded', because: partSentence(part, result.steps) })
}

const outputsNamed = 4

export function partSentence(part: Part, steps: readonly StepResult[]): string {
  const ran = steps.filter((step) => step.verdict === 'ran')
  const made = ran.flatMap((step) => step.outputs)
  const named = made.slice(0, outputsNamed).map((one) => `${one.path} (${formatBytes(one.size)})`)
  const more = made.length > outputsNamed ? ` and ${made.length - outputsNamed} more` : ''
  const what = made.length === 0 ? 'every result was known' : `made ${named.join(', ')}${more}`
  return `a part of the pipeline (${part.words}): ${what}; no gates and no release, because a release needs every step`
}
