// Whose turn it is to install one runtime, among any number of processes: everybody else waits, and a dead owner is followed.
// Turns are numbered files, and the highest number is the owner's: it is never deleted, only followed by a higher
// one, so that a process that looked a moment ago can never believe in a turn that is over. They end with the runtime itself.
import { link, readdir, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import type { Clock, Instant } from '../../foundation/clock.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import { newId } from '../../foundation/ids.ts'
import { every } from '../../foundation/system-clock.ts'
import { killAttempt, processesOf, startTimeOf } from '../executors/process-group.ts'

export interface Turn {
  /** The owner's children carry it in their environment, so that whoever follows can end them. */
  readonly token: string
  /** The next in line may go. */
  pass(): Promise<void>
}

export interface TurnRequest {
  readonly folder: string
  /** Plain letters and digits. */
  readonly name: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Called once, when somebody else has the turn. */
  readonly waiting: (owner: string) => void
  /** Is the work done already? Asked while waiting. */
  readonly isDone: () => Promise<boolean>
}

interface Owner {
  readonly token: string
  readonly pid: number
  /** Clock ticks since boot; null where there is no /proc. */
  readonly startTime: string | null
  readonly host: string
  readonly passed: boolean
}

const beatMs = 2000
/** On another machine only the heartbeat tells; no clocks are compared, only how long it stood still here. */
const silenceMs = 30_000
const lookMs = 250

/** Resolves when the turn is ours, or to undefined when nothing is left to do; rejects with the signal's reason. */
export async function takeTurn(request: TurnRequest): Promise<Turn | undefined> {
  const { folder, name, clock, signal } = request
  const watched = heartbeatWatch(clock)
  for (let told = false; ; ) {
    signal.throwIfAborted()
    if (await request.isDone()) return undefined
    const last = await newestTurn(folder, name)
    const owner = last && (await readOwner(last.path))
    if (last && owner && !owner.passed && (await lives(owner, last.path, watched))) {
      if (!told) request.waiting(`process ${owner.pid} on ${owner.host}`)
      told = true
      await clock.sleep(lookMs, signal)
      continue
    }
    if (owner && !owner.passed && owner.host === hostname()) endOrphans(owner.token)
    const mine = await claim(request, (last?.number ?? 0) + 1)
    if (mine) return mine
  }
}

/** Is a living process installing it right now? */
export async function isTaken(folder: string, name: string, clock: Clock): Promise<boolean> {
  const last = await newestTurn(folder, name)
  const owner = last && (await readOwner(last.path))
  return Boolean(
    last && owner && !owner.passed && (await lives(owner, last.path, heartbeatWatch(clock))),
  )
}

/** Of a runtime that was removed: the only time when the numbers may begin anew, for the caller knows that nobody is about to install it. */
export async function forgetTurns(folder: string, name: string): Promise<void> {
  for (const { path } of await turnsOf(folder, name)) await unlink(path).catch(() => {})
}

async function claim(request: TurnRequest, number: number): Promise<Turn | undefined> {
  const { folder, name, clock } = request
  const path = `${folder}/${name}.turn-${number}`
  const owner: Owner = {
    token: newId('install', clock.now()),
    pid: process.pid,
    startTime: startTimeOf(process.pid) ?? null,
    host: hostname(),
    passed: false,
  }
  const draft = `${folder}/${owner.token}.draft`
  await writeFile(draft, JSON.stringify(owner), { flag: 'wx' })
  try {
    await link(draft, path)
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return undefined
    throw error
  } finally {
    await unlink(draft)
  }
  const turns = await turnsOf(folder, name)
  if (turns.some((turn) => turn.number > number)) {
    await unlink(path)
    return undefined
  }
  for (const turn of turns) if (turn.number < number) await unlink(turn.path).catch(() => {})
  const stop = every(beatMs, () => {
    const now = clock.now() / 1000
    return utimes(path, now, now).catch(() => {})
  })
  const pass = async () => {
    stop()
    await writeFileAtomically(path, JSON.stringify({ ...owner, passed: true }))
  }
  return { token: owner.token, pass }
}

interface NumberedTurn {
  readonly number: number
  readonly path: string
}

async function newestTurn(folder: string, name: string): Promise<NumberedTurn | undefined> {
  return (await turnsOf(folder, name)).sort((a, b) => b.number - a.number)[0]
}

async function turnsOf(folder: string, name: string): Promise<NumberedTurn[]> {
  const prefix = `${name}.turn-`
  return (await readdir(folder)).flatMap((file) => {
    const number = file.startsWith(prefix) ? file.slice(prefix.length) : ''
    return /^\d{1,9}$/.test(number) ? [{ number: Number(number), path: `${folder}/${file}` }] : []
  })
}

/** Undefined when it was followed meanwhile, or is not ours to read. */
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner
  } catch {
    return undefined
  }
}

type HeartbeatWatch = (path: string) => Promise<boolean>

async function lives(owner: Owner, path: string, beats: HeartbeatWatch): Promise<boolean> {
  if (owner.host !== hostname()) return beats(path)
  if (owner.startTime !== null) return startTimeOf(owner.pid) === owner.startTime
  try {
    return process.kill(owner.pid, 0)
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

function heartbeatWatch(clock: Clock): HeartbeatWatch {
  let seen: { readonly path: string; readonly mtime: number; readonly at: Instant } | undefined
  return async (path) => {
    const mtime = await stat(path).then(
      (found) => found.mtimeMs,
      () => 0,
    )
    if (seen?.path !== path || seen.mtime !== mtime) seen = { path, mtime, at: clock.now() }
    return clock.now() - seen.at < silenceMs
  }
}

function endOrphans(token: string): void {
  for (const pid of processesOf(token)) killAttempt(token, pid)
}
