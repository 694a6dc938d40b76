// One supervised process: started, watched, restarted with backoff, stopped politely and then by force.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { Clock } from '../../../foundation/clock.ts'
import type { Logger } from '../../../foundation/logger.ts'
import { isFailure, readyMessage } from './child-message.ts'
import type { ChildView } from './process-spec.ts'

export interface ChildSpec {
  readonly id: string
  readonly kind: ChildView['kind']
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly logFile: string
  readonly socketPath: string | null
}

export interface Child {
  readonly spec: ChildSpec
  view(): ChildView
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when it is gone. Never restarts again. */
  stop(graceMs: number): Promise<void>
}

const backoffMs = [50, 200, 500, 1000, 2000, 5000, 10_000] as const
/** A child that lived this long starts again with the shortest pause. */
const healthyAfterMs = 10_000

export function superviseChild(
  spec: ChildSpec,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Child {
  const logger = deps.logger.child({ child: spec.id })
  let process_: ChildProcess | undefined
  let phase: ChildView['phase'] = 'starting'
  let because: string | null = null
  let restarts = 0
  let failures = 0
  const stopping = new AbortController()
  let gone: Promise<void> = Promise.resolve()

  const start = () => {
    if (stopping.signal.aborted) return
    const startedAt = deps.clock.now()
    phase = 'starting'
    const child = launch(spec)
    process_ = child
    let said: string | null = null
    child.on('message', (message) => {
      if (isFailure(message)) said = message.failed.message
      if (message !== readyMessage) return
      phase = 'ready'
      because = null
    })
    gone = new Promise((resolve) => {
      let ended = false
      const end = (reason: string) => {
        if (ended) return
        ended = true
        process_ = undefined
        resolve()
        if (!stopping.signal.aborted) void restartAfter(said ?? reason, startedAt)
      }
      child.once('error', (error) => end(`could not start: ${error.message}`))
      child.once('exit', (code, signal) =>
        end(signal ? `ended by ${signal}` : `ended with exit code ${code}`),
      )
    })
  }

  const restartAfter = async (reason: string, startedAt: number) => {
    failures = deps.clock.now() - startedAt >= healthyAfterMs ? 0 : failures + 1
    restarts += 1
    phase = failures > 3 ? 'failed' : 'starting'
    because = reason
    const pause = backoffMs[Math.min(Math.max(failures - 1, 0), backoffMs.length - 1)] ?? 10_000
    logger.warn('child ended; starting it again', { reason, pauseMs: pause, restarts })
    await deps.clock.sleep(pause, stopping.signal)
    start()
  }

  start()
  return {
    spec,
    view: () => ({
      id: spec.id,
      kind: spec.kind,
      phase,
      pid: process_?.pid ?? null,
      restarts,
      because,
      socketPath: spec.socketPath,
    }),
    async stop(graceMs) {
      phase = 'stopping'
      stopping.abort()
      const child = process_
      if (!child) return
      child.kill('SIGTERM')
      const patience = new AbortController()
      const timeout = deps.clock.sleep(graceMs, patience.signal).then(() => {
        if (!patience.signal.aborted) child.kill('SIGKILL')
      })
      await gone
      patience.abort()
      await timeout
    },
  }
}

/**
 * Its channel tells it when the supervisor has died; its output goes to its own log file. In a process group of its own,
 * because Ctrl-C is the supervisor's to act on, also while the child has not learned yet to leave it alone.
 */
function launch(spec: ChildSpec): ChildProcess {
  const log = openSync(spec.logFile, 'a')
  try {
    const [command = '', ...args] = spec.argv
    return spawn(command, args, {
      cwd: spec.cwd,
      env: spec.env as NodeJS.ProcessEnv,
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    })
  } finally {
    closeSync(log)
  }
}
