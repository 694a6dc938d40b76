// How a command reaches a control plane: the one that runs, else one of its own for as long as the command takes.
import { routeTable } from '../api/contract/route-table.ts'
import type { LockstepApi } from '../api/contract/routes.ts'
import type { Caller, Connection } from '../cli/world.ts'
import { discoverControl } from '../client/discover.ts'
import { createClient } from '../client/http-client.ts'
import { isLockstepError, LockstepError } from '../foundation/errors.ts'
import { systemClock } from '../foundation/system-clock.ts'
import type { LocalControl } from './local-control.ts'

type Env = Readonly<Record<string, string | undefined>>

interface Reached {
  readonly api: LockstepApi
  readonly own: LocalControl | null
  readonly lasting: boolean
}

/** Another command's short-lived control plane is leaving, or is just starting: it is over soon. */
const patienceMs = 15_000
const pauseMs = 100

export async function connect(projectDir: string, caller: Caller, env: Env): Promise<Connection> {
  let reached = await reach(projectDir, caller, env)
  const again = async () => {
    await reached.own?.stop()
    reached = await reach(projectDir, caller, env)
  }
  const api = reached.lasting ? reached.api : healing(() => reached.api, again)
  return {
    api,
    lasting: reached.lasting,
    close: async () => reached.own?.stop(),
  }
}

async function reach(projectDir: string, { actor, purpose }: Caller, env: Env): Promise<Reached> {
  const until = systemClock.now() + patienceMs
  for (;;) {
    const running = await discoverControl(projectDir)
    if (purpose === 'deliver' && !running?.url) throw notRunning(projectDir)
    if (running) {
      const api = createClient({ target: { socketPath: running.socket }, actor, projectDir })
      return { api, own: null, lasting: running.url !== null }
    }
    try {
      const { startLocalControl } = await import('./local-control.ts')
      const own = await startLocalControl(projectDir, purpose, env)
      return {
        api: createClient({ target: { socketPath: own.socketPath }, actor, projectDir }),
        own,
        lasting: false,
      }
    } catch (error) {
      const isHeld = isLockstepError(error) && error.code === 'control.held'
      if (!isHeld || systemClock.now() > until) throw error
      await systemClock.sleep(pauseMs)
    }
  }
}

/**
 * A control plane borrowed from another command ends with that command. Reading goes on with the next one, which may be
 * our own: what was under way is in the database, not in the process.
 */
function healing(current: () => LockstepApi, again: () => Promise<void>): LockstepApi {
  return new Proxy({} as LockstepApi, {
    get: (_, name) => {
      const method = name as keyof LockstepApi
      if (!(method in routeTable)) return undefined
      const call = (...args: unknown[]) =>
        (current()[method] as (...args: unknown[]) => Promise<unknown>)(...args)
      if (routeTable[method].method !== 'GET') return call
      return async (...args: unknown[]) => {
        try {
          return await call(...args)
        } catch (error) {
          if (!isLockstepError(error) || error.kind !== 'unavailable') throw error
          await again()
          return call(...args)
        }
      }
    },
  })
}

function notRunning(projectDir: string): LockstepError {
  return new LockstepError({
    code: 'cli.not_running',
    kind: 'unavailable',
    message: `no control plane is running in ${projectDir}, so nothing can be delivered`,
    hint: 'start it in another terminal: lockstep up',
  })
}
