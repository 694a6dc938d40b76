// Process entry: one replica. Its configuration is its one argument.
import './without-telemetry.ts'

import type { Digest } from '../foundation/digest.ts'
import { createLogger } from '../foundation/logger.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { runReplica } from '../serve/runtime/replica.ts'
import { childConfig, enterChild, leave, reportFailure } from './child-process.ts'

export interface ReplicaConfig {
  readonly modelPath: string
  readonly modelName: string
  readonly release: string
  readonly releaseId: string
  readonly digest: Digest
  readonly socketPath: string
}

const life = enterChild()
const logger = createLogger('replica', 'info')
try {
  const replica = await runReplica({
    ...childConfig<ReplicaConfig>(),
    clock: systemClock,
    logger,
    stopSignal: life.stopSignal,
  })
  life.ready()
  await replica.stopped
  leave(0)
} catch (error) {
  reportFailure(error)
  logger.error('replica could not start', {
    error: error instanceof Error ? error.message : String(error),
  })
  leave(1)
}
