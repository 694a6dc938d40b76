// A replica in a process of its own, for tests and benchmarks that stop or kill it. Argument: its options as JSON.
import { createLogger } from '../../../src/foundation/logger.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { type ReplicaOptions, runReplica } from '../../../src/serve/runtime/replica.ts'

const config = JSON.parse(process.argv[2] ?? '{}') as Omit<ReplicaOptions, 'clock' | 'logger'>
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const replica = await runReplica({
  ...config,
  clock: systemClock,
  logger: createLogger('replica', 'warn'),
  stopSignal: stop.signal,
})
process.stdout.write('ready\n')
await replica.stopped
