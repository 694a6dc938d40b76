// What every child of the supervisor does: say when it is ready, stop when told or when the supervisor is gone, leave Ctrl-C to it.
import { failureOf, readyMessage } from '../deliver/platforms/local/child-message.ts'

export interface ChildLife {
  readonly stopSignal: AbortSignal
  ready(): void
}

/** The parent sends the configuration as the one argument. */
export function childConfig<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null') as T
}

export function enterChild(): ChildLife {
  const stop = new AbortController()
  process.on('SIGINT', () => {}) // A terminal sends it to every process of the group; only the supervisor decides.
  process.on('SIGTERM', () => stop.abort())
  process.on('disconnect', () => stop.abort())
  // It may have gone while this program was still being loaded, when nobody listened.
  if (process.connected === false) stop.abort()
  return { stopSignal: stop.signal, ready: () => process.send?.(readyMessage) }
}

/** Tells the parent why this process cannot do its work, so that a person reads the sentence and not an exit code. */
export function reportFailure(error: unknown): void {
  process.send?.(failureOf(error))
}

/** Ends the process once stopped; a leftover handle must not keep it. */
export function leave(code: number): void {
  if (process.connected) process.disconnect()
  process.exit(code)
}
