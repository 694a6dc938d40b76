// What `lockstep up` says while it serves: each thing a person would want to know, as it happens, from the audit trail.
import type { EventView } from '../api/contract/views.ts'
import { discoverControl } from '../client/discover.ts'
import { createClient } from '../client/http-client.ts'
import { toIso } from '../foundation/clock.ts'
import { systemClock } from '../foundation/system-clock.ts'

const everyMs = 500
const pageSize = 1000
/** Steps on the way that say nothing by themselves. */
const quiet =
  /^(run\.(queued|resolving|gating)|promotion\.(requested|evaluat|queued|scheduled)|rollout\.(opened|provision|warm)|deployment\.|monitor\.|firing\.detected)/

/** Until `stop`; a control plane that is away or restarting is simply asked again. */
export async function tellEvents(
  projectDir: string,
  write: (line: string) => void,
  stop: AbortSignal,
): Promise<void> {
  // What happened before this start is history: `lockstep events` tells it.
  const since = toIso(systemClock.now())
  let last = 0
  while (!stop.aborted) {
    const events: EventView[] = await eventsAfter(projectDir, last).catch(() => [])
    for (const event of events)
      if (event.at >= since && !quiet.test(event.type)) write(lineOf(event))
    last = events.at(-1)?.seq ?? last
    await systemClock.sleep(everyMs, stop)
  }
}

async function eventsAfter(projectDir: string, after: number): Promise<EventView[]> {
  const control = await discoverControl(projectDir)
  if (!control) throw new Error('no control plane')
  const api = createClient({
    target: { socketPath: control.socket },
    actor: 'service:up',
    projectDir,
  })
  const found: EventView[] = []
  for (;;) {
    const page = await api.events({ after: found.at(-1)?.seq ?? after, limit: pageSize })
    found.push(...page)
    if (page.length < pageSize) return found
  }
}

function lineOf(event: EventView): string {
  const where = event.environment ?? ''
  return `  ${event.at.slice(11, 19)}  ${where.padEnd(11)} ${event.type.replaceAll('_', ' ').padEnd(28)} ${event.because}`
}
