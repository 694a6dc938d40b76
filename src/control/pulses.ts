// What the control plane does on a beat rather than for one object: take in evidence, request promotions, deliver notices.
import type { Clock } from '../foundation/clock.ts'
import { sentenceOf } from '../foundation/errors.ts'
import type { Logger } from '../foundation/logger.ts'

export interface Pulse {
  readonly name: string
  readonly everyMs: number
  run(): Promise<void>
}

/** Runs each pulse until `stop`; one that fails is logged once per different sentence and tried again. */
export async function runPulses(
  pulses: readonly Pulse[],
  deps: { readonly clock: Clock; readonly logger: Logger; readonly stop: AbortSignal },
): Promise<void> {
  await Promise.all(pulses.map((pulse) => beat(pulse, deps)))
}

async function beat(
  pulse: Pulse,
  {
    clock,
    logger,
    stop,
  }: { readonly clock: Clock; readonly logger: Logger; readonly stop: AbortSignal },
): Promise<void> {
  let lastSaid = ''
  while (!stop.aborted) {
    try {
      await pulse.run()
      lastSaid = ''
    } catch (error) {
      const sentence = sentenceOf(error)
      if (sentence !== lastSaid)
        logger.error('pulse failed', { pulse: pulse.name, error: sentence })
      lastSaid = sentence
    }
    await clock.sleep(pulse.everyMs, stop)
  }
}
