// Waiting for another process: looks again until it is so, and says what it saw last when it never is.
import { readFileSync } from 'node:fs'
import { systemClock } from '../../src/foundation/system-clock.ts'

export async function eventually<T>(
  look: () => T | Promise<T>,
  isSo: (seen: T) => boolean,
  withinMs = 5000,
): Promise<T> {
  const until = systemClock.now() + withinMs
  for (;;) {
    const seen = await look()
    if (isSo(seen)) return seen
    if (systemClock.now() > until)
      throw new Error(`not within ${withinMs} ms; last seen: ${JSON.stringify(seen)}`)
    await systemClock.sleep(5)
  }
}

/** A process that has ended and only waits to be collected by its parent is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
