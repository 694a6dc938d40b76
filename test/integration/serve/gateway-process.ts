// A gateway worker in a process of its own. Argument: its options as JSON.
import { createLogger } from '../../../src/foundation/logger.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { type GatewayOptions, startGateway } from '../../../src/serve/gateway/gateway.ts'

const config = JSON.parse(process.argv[2] ?? '{}') as Omit<GatewayOptions, 'clock' | 'logger'>
const gateway = await startGateway({
  ...config,
  clock: systemClock,
  logger: createLogger('gateway', 'warn'),
})
process.on('SIGTERM', () => void gateway.stop())
process.stdout.write('ready\n')
await gateway.stopped
