// The clients of the story: real requests at a steady rate over keep-alive connections, every answer counted.
import { Agent, request } from 'node:http'
import type { Clock, Instant } from '../foundation/clock.ts'
import { every, stopwatch } from '../foundation/system-clock.ts'

export interface ClientRequest {
  /** Keeps one person on one side of a split. */
  readonly key: string
  readonly body: Buffer
}

export interface ReleaseAnswers {
  readonly answered: number
  readonly errors: number
  readonly firstErrorAt: Instant | null
  readonly lastAnswerAt: Instant | null
}

export interface TrafficCounts {
  readonly sent: number
  readonly answered: number
  /** Sent again because the connection broke before an answer (a killed process); as any HTTP client does. */
  readonly retried: number
  /** No answer at all, or an error that no release gave. */
  readonly lost: number
  /** The first few, in words. */
  readonly lostBecause: readonly string[]
  readonly byRelease: Readonly<Record<string, ReleaseAnswers>>
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Traffic {
  /** From now on these requests, again and again in order. */
  use(requests: readonly ClientRequest[]): void
  counts(): TrafficCounts
  /** Sends no more and waits for what is on its way. */
  stop(): Promise<TrafficCounts>
}

const tickMs = 4
const patienceMs = 10_000
const mostInFlight = 2000
const reasonsKept = 20

export function startTraffic(options: {
  readonly url: string
  readonly path: string
  readonly perSecond: number
  readonly requests: readonly ClientRequest[]
  readonly clock: Clock
}): Traffic {
  const { url, path, perSecond, clock } = options
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const byRelease = new Map<
    string,
    { answered: number; errors: number; firstErrorAt: Instant | null; lastAnswerAt: Instant | null }
  >()
  const latencies: number[] = []
  const total = { sent: 0, answered: 0, retried: 0, lost: 0 }
  const lostBecause: string[] = []
  let requests = options.requests
  let inFlight = 0
  let next = 0
  const elapsed = stopwatch()

  const lose = (because: string) => {
    total.lost += 1
    if (lostBecause.length < reasonsKept) lostBecause.push(because)
  }
  const note = (release: string | undefined, status: number) => {
    if (release === undefined) {
      if (status !== 200) lose(`answered with ${status} by no release`)
      return
    }
    const seen = byRelease.get(release) ?? {
      answered: 0,
      errors: 0,
      firstErrorAt: null,
      lastAnswerAt: null,
    }
    seen.answered += 1
    seen.lastAnswerAt = clock.now()
    if (status !== 200) {
      seen.errors += 1
      seen.firstErrorAt ??= clock.now()
    }
    byRelease.set(release, seen)
  }
  const send = (one: ClientRequest, attempt: number, arrivedAt: number) => {
    inFlight += 1
    let settled = false
    const settle = (done: () => void) => {
      if (settled) return
      settled = true
      inFlight -= 1
      done()
    }
    const broken = (error: Error) =>
      settle(() => {
        if (attempt > 2) return lose(`attempt ${attempt}: ${error.message}`)
        total.retried += 1
        send(one, attempt + 1, arrivedAt)
      })
    const call = request(
      {
        // A kept connection may have died with the same process: the second try takes a fresh one.
        agent: attempt === 1 ? agent : false,
        hostname,
        port,
        path,
        method: 'POST',
        timeout: patienceMs,
        headers: {
          'content-type': 'application/json',
          'content-length': one.body.length,
          'x-lockstep-key': one.key,
        },
      },
      (answer) => {
        answer.on('error', broken)
        answer.on('end', () =>
          settle(() => {
            total.answered += 1
            latencies.push(elapsed() - arrivedAt)
            const release = answer.headers['x-lockstep-release']
            note(typeof release === 'string' ? release : undefined, answer.statusCode ?? 0)
          }),
        )
        answer.resume()
      },
    )
    call.on('timeout', () => call.destroy(new Error('no answer in time')))
    call.on('error', broken)
    call.end(one.body)
  }
  const stopSending = every(tickMs, () => {
    const due = Math.floor((elapsed() / 1000) * perSecond)
    for (; total.sent < due && inFlight < mostInFlight; total.sent++) {
      const one = requests[next++ % requests.length]
      if (one) send(one, 1, elapsed())
    }
  })
  const counts = (): TrafficCounts => {
    const sorted = Float64Array.from(latencies).sort()
    const quantile = (q: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
    return {
      ...total,
      lostBecause: [...lostBecause],
      byRelease: Object.fromEntries(
        [...byRelease].map(([release, seen]) => [release, { ...seen }]),
      ),
      p50Ms: quantile(0.5),
      p99Ms: quantile(0.99),
    }
  }
  return {
    use(fresh) {
      requests = fresh
    },
    counts,
    async stop() {
      stopSending()
      const until = elapsed() + patienceMs
      while (inFlight > 0 && elapsed() < until) await clock.sleep(20)
      agent.destroy()
      return counts()
    },
  }
}
