// Many callers, one task: at most one run under way and one waiting, which serves everyone who asked meanwhile.

/**
 * A caller's promise settles with a run that started after the call, so the task sees whatever the caller wrote before it.
 * A failed run fails only those who waited for it.
 */
export function coalesce(task: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let waiting: Promise<void> | undefined
  const start = (): Promise<void> => {
    waiting = undefined
    running = task().finally(() => {
      running = undefined
    })
    return running
  }
  return () => {
    if (waiting) return waiting
    if (!running) return start()
    waiting = running.then(start, start)
    return waiting
  }
}
