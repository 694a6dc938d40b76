// Process entry: one gateway worker. It serves from the last routing snapshot on disk, whether or not a control plane runs.

import { createLogger } from '../foundation/logger.ts'
import { freshSeed } from '../foundation/random.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { startGateway } from '../serve/gateway/gateway.ts'
import { childConfig, enterChild, leave, reportFailure } from './child-process.ts'

export interface GatewayConfig {
  readonly workerId: string
  readonly host: string
  readonly snapshotFile: string
  readonly adminSocket: string
  readonly spoolDir: string
  readonly captureRate: number
  readonly version: string
}

const life = enterChild()
const logger = createLogger('gateway', 'info')
try {
  const { captureRate, ...config } = childConfig<GatewayConfig>()
  const gateway = await startGateway({
    ...config,
    bootId: `${config.workerId}-${freshSeed().slice(0, 12)}`,
    capture: { sampleRate: captureRate },
    clock: systemClock,
    logger: logger.child({ worker: config.workerId }),
  })
  life.ready()
  life.stopSignal.addEventListener('abort', () => void gateway.stop(), { once: true })
  if (life.stopSignal.aborted) await gateway.stop()
  await gateway.stopped
  leave(0)
} catch (error) {
  reportFailure(error)
  logger.error('gateway could not start', {
    error: error instanceof Error ? error.message : String(error),
  })
  leave(1)
}
