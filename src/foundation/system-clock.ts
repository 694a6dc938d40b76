// The only place that reads the machine's clock and sets timers.
import type { Clock } from './clock.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, stop) =>
    new Promise((resolve) => {
      if (stop?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        stop?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      stop?.addEventListener('abort', done, { once: true })
    }),
}

/** Lets everything else that is ready run first: work that never waits for anything would starve signals and sockets. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A monotonic stopwatch in milliseconds, for durations that must survive a wall-clock jump. */
export function stopwatch(): () => number {
  const start = performance.now()
  return () => performance.now() - start
}

/** Calls `task` every `ms` until the returned function is called; runs never overlap. */
export function every(ms: number, task: () => void | Promise<void>): () => void {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const schedule = () => {
    if (!stopped) timer = setTimeout(round, ms)
  }
  const round = () => {
    void Promise.resolve().then(task).finally(schedule)
  }
  schedule()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
