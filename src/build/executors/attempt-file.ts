// The note beside each work folder that says which processes belong to it, for whoever comes after a crash.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { storeUnwritable } from '../artifacts/file-errors.ts'
import { killAttempt, processesOf, startTimeOf } from './process-group.ts'

export interface ProcessName {
  readonly pid: number
  /** Clock ticks since boot; null where there is no /proc. */
  readonly startTime: string | null
}

export interface AttemptFile {
  readonly attempt: string
  readonly host: string
  /** The command's process, which leads its group. */
  readonly leader: ProcessName
  /** The Lockstep process that runs it. */
  readonly owner: ProcessName
}

export interface ReapedAttempt {
  readonly attempt: string
  /** How many processes were still running. */
  readonly processes: number
}

const ending = '.process.json'

/** Written at once after the start; returns its removal. */
export function noteAttempt(workDir: string, attempt: string, pid: number): () => void {
  const path = `${workDir}${ending}`
  const note: AttemptFile = {
    attempt,
    host: hostname(),
    leader: nameOf(pid),
    owner: nameOf(process.pid),
  }
  try {
    writeFileSync(path, `${JSON.stringify(note)}\n`)
  } catch (error) {
    throw storeUnwritable(error, `the work folder ${workDir}`)
  }
  return () => rmSync(path, { force: true })
}

/**
 * Ends what crashed Lockstep processes left behind: call it at start. Attempts whose owner still runs, or that belong to
 * another host, are left alone. Processes are known by id and start time, and by the attempt's name in
 * their environment; without /proc (macOS) nothing is ended, there the guard of each group must do.
 */
export function reapOrphans(workRoot: string): ReapedAttempt[] {
  const reaped: ReapedAttempt[] = []
  for (const name of notesIn(workRoot)) {
    const note = readNote(`${workRoot}/${name}`)
    if (note === undefined || note.host !== hostname() || mayRun(note.owner)) continue
    const strays = processesOf(note.attempt)
    const leaderRuns = isRunning(note.leader)
    if (leaderRuns) killAttempt(note.attempt, note.leader.pid)
    else for (const pid of strays) killAttempt(note.attempt, pid)
    rmSync(`${workRoot}/${note.attempt}`, { recursive: true, force: true })
    rmSync(`${workRoot}/${name}`, { force: true })
    const processes = new Set([...strays, ...(leaderRuns ? [note.leader.pid] : [])]).size
    reaped.push({ attempt: note.attempt, processes })
  }
  return reaped
}

function nameOf(pid: number): ProcessName {
  return { pid, startTime: startTimeOf(pid) ?? null }
}

/** An id alone may be a stranger's by now: without a start time nobody is ended. */
function isRunning(name: ProcessName): boolean {
  return name.startTime !== null && startTimeOf(name.pid) === name.startTime
}

/** And without a start time nobody is taken for dead. */
function mayRun(name: ProcessName): boolean {
  return name.startTime === null || isRunning(name)
}

function notesIn(workRoot: string): string[] {
  try {
    return readdirSync(workRoot).filter((name) => name.endsWith(ending))
  } catch {
    return []
  }
}

/** A note cut short by a crash names nobody and is left alone. */
function readNote(path: string): AttemptFile | undefined {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Partial<AttemptFile>
    const { attempt, host, leader, owner } = note
    if (typeof attempt !== 'string' || !/^[\w-]+$/.test(attempt)) return undefined
    if (typeof host !== 'string' || !isProcessName(leader) || !isProcessName(owner))
      return undefined
    return { attempt, host, leader, owner }
  } catch {
    return undefined
  }
}

function isProcessName(value: unknown): value is ProcessName {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startTime } = value as Partial<ProcessName>
  return Number.isSafeInteger(pid) && (startTime === null || typeof startTime === 'string')
}
