// How long steps will take together: the lanes they run in are filled as the scheduler would fill them. Pure.

export interface TimedStep {
  readonly name: string
  /** Null: nobody knows; it counts as no time, and is counted. */
  readonly ms: number | null
  /** Steps it waits for; those that are not in the list are over. */
  readonly after: readonly string[]
}

export interface TimeEstimate {
  /** From now until the last one ends. */
  readonly wallMs: number
  /** All of them one after the other. */
  readonly workMs: number
  /** The chain that nothing but faster steps can shorten, first to last. */
  readonly criticalPath: readonly string[]
  readonly criticalMs: number
  /** How many steps have no expected time. */
  readonly unknown: number
}

/** @param steps each after those it waits for. */
export function estimateTime(steps: readonly TimedStep[], parallelism: number): TimeEstimate {
  const critical = criticalPath(steps)
  return {
    wallMs: fillLanes(steps, Math.max(1, parallelism)),
    workMs: steps.reduce((sum, step) => sum + (step.ms ?? 0), 0),
    criticalPath: critical.path,
    criticalMs: critical.ms,
    unknown: steps.filter((step) => step.ms === null).length,
  }
}

/** Whenever a lane is free the first step in order that may start takes it. */
function fillLanes(steps: readonly TimedStep[], lanes: number): number {
  const listed = new Set(steps.map((step) => step.name))
  const endAt = new Map<string, number>()
  const waiting = new Set(steps)
  let running: { readonly name: string; readonly end: number }[] = []
  let now = 0
  while (waiting.size > 0 || running.length > 0) {
    for (const step of waiting) {
      if (running.length >= lanes) break
      if (step.after.some((name) => listed.has(name) && !isOver(endAt.get(name), now))) continue
      waiting.delete(step)
      const end = now + (step.ms ?? 0)
      endAt.set(step.name, end)
      if (end > now) running.push({ name: step.name, end })
    }
    if (running.length === 0) break
    now = Math.min(...running.map((one) => one.end))
    running = running.filter((one) => one.end > now)
  }
  return now
}

function isOver(end: number | undefined, now: number): boolean {
  return end !== undefined && end <= now
}

function criticalPath(steps: readonly TimedStep[]): { path: string[]; ms: number } {
  const longest = new Map<string, { readonly ms: number; readonly before: string | null }>()
  let last: string | null = null
  let most = 0
  for (const step of steps) {
    let before: string | null = null
    let reached = 0
    for (const name of step.after) {
      const ms = longest.get(name)?.ms ?? 0
      if (longest.has(name) && (before === null || ms > reached)) {
        before = name
        reached = ms
      }
    }
    const ms = reached + (step.ms ?? 0)
    longest.set(step.name, { ms, before })
    if (ms > most) {
      most = ms
      last = step.name
    }
  }
  const path: string[] = []
  for (let name = last; name !== null; name = longest.get(name)?.before ?? null) path.unshift(name)
  return { path, ms: most }
}
