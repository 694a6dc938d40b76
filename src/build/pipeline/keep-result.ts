// Records what a step gave. The first result under a key counts; a different one is kept and reported, never taken silently.
import type { Digest } from '../../foundation/digest.ts'
import { encodeTree } from '../artifacts/artifact.ts'
import { differingOutputs, sameOutputs } from './action-cache.ts'
import type { NeededRun } from './judge-step.ts'
import type { PreparedPipeline } from './pipeline-request.ts'
import type { Divergence, StepOutput } from './step-run.ts'

export interface KeptResult {
  /** Those that count from now on. */
  readonly outputs: readonly StepOutput[]
  readonly divergence: Divergence | undefined
}

export async function keepResult(
  prepared: PreparedPipeline,
  needed: NeededRun,
  made: { readonly outputs: readonly StepOutput[]; readonly logDigest: Digest | null },
): Promise<KeptResult> {
  const { store, actions, clock } = prepared.request
  const { key, document } = needed
  const { step } = document
  // The manifests of input folders are kept so that a later `why` can name the files that changed.
  for (const [input, entries] of needed.inputs.trees()) {
    if (!(await store.has(input.digest))) await store.putBytes(encodeTree(entries), 'lazy')
  }
  await actions.record({
    ...{ key, step, document, outputs: made.outputs, recordedAt: clock.now() },
    ...(made.logDigest === null ? {} : { logDigest: made.logDigest }),
  })
  const counts = (await actions.find(key))?.outputs ?? made.outputs
  if (sameOutputs(counts, made.outputs)) return { outputs: made.outputs, divergence: undefined }

  const complete = await Promise.all(counts.map((output) => store.holds(output)))
  const differing = differingOutputs(made.outputs, counts).join(', ')
  const divergence: Divergence = {
    step,
    key,
    counts,
    observed: made.outputs,
    because: `step ${step} gave another ${differing} than before from the same inputs: it is not deterministic`,
  }
  return { outputs: complete.every(Boolean) ? counts : made.outputs, divergence }
}
