// The processes of one attempt: found again, and ended together, whatever they did to hide.
// A step runs in a process group of its own; children that left the group are known by the attempt's name in their environment.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { assert } from '../../foundation/assert.ts'

export const attemptVariable = 'LOCKSTEP_ATTEMPT'

export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  assert(pid > 1, `a step's process group cannot be ${pid}: that would signal strangers`)
  try {
    process.kill(-pid, signal)
  } catch {
    // ESRCH: nobody is left. EPERM: a member changed its user, which only root can do; the group is then root's affair.
  }
}

/** Ends what is left of an attempt: its group, and on Linux every process that carries its name. */
export function killAttempt(attemptId: string, pid: number): void {
  signalGroup(pid, 'SIGKILL')
  for (const stray of processesOf(attemptId)) {
    try {
      process.kill(stray, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

const live = new Map<string, number>()

/** Ends the attempt should this process exit before the returned function is called. One listener for all attempts. */
export function endWithUs(attemptId: string, pid: number): () => void {
  if (live.size === 0) process.on('exit', killLive)
  live.set(attemptId, pid)
  return () => {
    live.delete(attemptId)
    if (live.size === 0) process.removeListener('exit', killLive)
  }
}

function killLive(): void {
  for (const [attemptId, pid] of live) killAttempt(attemptId, pid)
}

/** Process ids whose environment names the attempt. Empty where there is no /proc. */
export function processesOf(attemptId: string): number[] {
  const mark = `${attemptVariable}=${attemptId}\u0000`
  return numericNames('/proc').filter((pid) => readOrEmpty(`/proc/${pid}/environ`).includes(mark))
}

/**
 * When the process started, in clock ticks since boot: with the id it names one process for ever, since ids are reused.
 * (proc_pid_stat(5), field 22; the name in field 2 may hold blanks and brackets.) Undefined when it does not run.
 */
export function startTimeOf(pid: number): string | undefined {
  const stat = readOrEmpty(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? undefined : fields[19]
}

/**
 * A tiny shell that waits on a pipe from us. Should we die by SIGKILL, the pipe closes and it ends the group at once;
 * a word on the pipe sends it home. It lives in its own group, so ending the step never ends its guard first.
 */
export function guardGroup(pid: number): { readonly dismiss: () => void } {
  const script = 'read -r word || kill -s KILL -- "-$1" 2>/dev/null'
  const guard: ChildProcess = spawn('/bin/sh', ['-c', script, 'lockstep-guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    env: {},
    cwd: '/',
  })
  guard.on('error', () => {})
  guard.stdin?.on('error', () => {})
  guard.unref()
  return { dismiss: () => guard.stdin?.end('done\n') }
}

function numericNames(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
