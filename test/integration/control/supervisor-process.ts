// A supervisor in a process of its own, made to be killed; its children are those of `lockstep up` in how they live and die.

import { startSupervisor } from '../../../src/deliver/platforms/local/supervisor.ts'
import { silentLogger } from '../../../src/foundation/logger.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { dataFolder } from '../../../src/project/data-folder.ts'

const child = new URL('./child-process.ts', import.meta.url).pathname
const line = () => ({ argv: [process.execPath, child], env: {} })
const supervisor = await startSupervisor({
  folder: dataFolder(process.argv[2] ?? ''),
  pid: process.pid,
  workers: 2,
  clock: systemClock,
  logger: silentLogger,
  launch: { control: line, gateway: line, replica: line },
})
const isUp = setInterval(() => {
  const { children } = supervisor.view()
  if (!children.every((one) => one.phase === 'ready')) return
  clearInterval(isUp)
  process.stdout.write(`${JSON.stringify(children.map((one) => one.pid))}\n`)
}, 5)
