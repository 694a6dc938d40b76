// A command line's world that a test can read: streams that remember, a clock that passes when slept on, a scripted control plane.

import { routeTable } from '../../../src/api/contract/route-table.ts'
import type { LockstepApi } from '../../../src/api/contract/routes.ts'
import { runCli } from '../../../src/cli/run-cli.ts'
import type { Caller, CliWorld, UpOptions } from '../../../src/cli/world.ts'
import type { Clock } from '../../../src/foundation/clock.ts'

export interface Scene {
  readonly api?: Partial<LockstepApi>
  readonly cwd?: string
  readonly env?: Record<string, string>
  readonly isTTY?: boolean
  readonly lasting?: boolean
  /** Ctrl-C after this many milliseconds of waiting. */
  readonly interruptAfterMs?: number
  readonly connectError?: Error
}

export interface Played {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Parsed standard output. */
  readonly json: () => unknown
  readonly callers: readonly (Caller & { readonly projectDir: string })[]
  readonly closed: number
  readonly ups: readonly UpOptions[]
}

export const startOfTest = Date.UTC(2026, 0, 5, 9, 0, 0)

export async function play(line: string | readonly string[], scene: Scene = {}): Promise<Played> {
  const argv = typeof line === 'string' ? line.split(' ').filter(Boolean) : line
  const out: string[] = []
  const err: string[] = []
  const callers: (Caller & { projectDir: string })[] = []
  const ups: UpOptions[] = []
  let closed = 0
  const stop = new AbortController()
  const world: CliWorld = {
    cwd: scene.cwd ?? '/nowhere/income',
    stdout: { write: (text) => out.push(text), isTTY: scene.isTTY, columns: 120 },
    stderr: { write: (text) => err.push(text), isTTY: scene.isTTY, columns: 120 },
    env: { LOCKSTEP_ACTOR: 'dana', ...scene.env },
    clock: passingClock(scene.interruptAfterMs, () => stop.abort()),
    version: '0.1.0',
    connect: async (projectDir, caller) => {
      if (scene.connectError) throw scene.connectError
      callers.push({ projectDir, ...caller })
      const close = async () => {
        closed++
      }
      return { api: scripted(scene.api ?? {}), lasting: scene.lasting ?? true, close }
    },
    verifyOffline: () => Promise.reject(new Error('not asked for')),
    profileData: () => Promise.reject(new Error('not asked for')),
    checkData: () => Promise.reject(new Error('not asked for')),
    inferSchema: () => Promise.reject(new Error('not asked for')),
    diffSchema: () => Promise.reject(new Error('not asked for')),
    up: async (options) => {
      ups.push(options)
      return 0
    },
    serveSignals: stop.signal,
  }
  const code = await runCli(argv, world)
  const text = out.join('')
  return { code, out: text, err: err.join(''), json: () => JSON.parse(text), callers, closed, ups }
}

/** Answers one after the other, the last one for ever. */
export function oneByOne<T>(...answers: readonly [T, ...T[]]): () => Promise<T> {
  const [first, ...rest] = answers
  const left = [first, ...rest]
  return async () => (left.length > 1 ? left.shift() : left[0]) ?? first
}

function scripted(script: Partial<LockstepApi>): LockstepApi {
  const silent = Object.keys(routeTable).map((name) => [
    name,
    async () => {
      throw new Error(`the test has no answer for ${name}`)
    },
  ])
  return { ...(Object.fromEntries(silent) as LockstepApi), ...script }
}

function passingClock(interruptAfterMs: number | undefined, interrupt: () => void): Clock {
  let now = startOfTest
  return {
    now: () => now,
    sleep: async (ms) => {
      now += ms
      if (interruptAfterMs !== undefined && now >= startOfTest + interruptAfterMs) interrupt()
    },
  }
}
