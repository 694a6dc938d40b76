// Runs steps as processes of this machine, each in a clean environment and a process group of its own.
// When run() resolves, no process of the attempt is left; should Lockstep itself be killed, a guard ends the group.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import type { Readable } from 'node:stream'
import type { Clock } from '../../foundation/clock.ts'
import { systemCodeOf } from '../../foundation/errors.ts'
import { isRefusal, type Refusal } from '../../foundation/refusal.ts'
import type { SecretSpec, StepCommand } from '../../project/step-spec.ts'
import type { AttemptEnd, StepAttempt, StepExecutor } from '../pipeline/step-executor.ts'
import { noteAttempt } from './attempt-file.ts'
import type { BoundedLog } from './bounded-log.ts'
import { openBoundedLog } from './bounded-log.ts'
import { splitLines } from './line-splitter.ts'
import { exceedsMemory } from './memory-watch.ts'
import {
  attemptVariable,
  endWithUs,
  guardGroup,
  killAttempt,
  signalGroup,
} from './process-group.ts'
import { redactor } from './redact.ts'

export interface ProcessExecutorOptions {
  readonly clock: Clock
  /** The PATH that steps get, the one variable taken from the machine. */
  readonly path: string
  /** What stands for `lockstep` in a command, such as [process.execPath, '/…/cli.js']. */
  readonly lockstepCommand: readonly string[]
  /** A secret's value, asked for when a step starts and at no other time. Left out: there are none. */
  readonly resolveSecret?: (secret: SecretSpec) => string | Refusal
  /** Between the polite signal and the final one; 5 s by default. */
  readonly graceMs?: number
  /** Kept of the beginning and again of the end of a log; 1 MiB by default. */
  readonly logKeepBytes?: number
}

export function processExecutor(options: ProcessExecutorOptions): StepExecutor {
  return { run: (attempt) => runAttempt(options, attempt) }
}

type StepProcess = ChildProcessByStdio<null, Readable, Readable>

async function runAttempt(
  options: ProcessExecutorOptions,
  attempt: StepAttempt,
): Promise<AttemptEnd> {
  if (attempt.signal.aborted) return { end: 'cancelled' }
  const log = openBoundedLog(attempt.logPath, options.logKeepBytes ?? 1 << 20)
  try {
    const secrets = secretsOf(options, attempt)
    if ('end' in secrets) return secrets
    const started = await start(options, attempt, secrets.values)
    if ('end' in started) return started
    const hidden = Object.values(secrets.values)
    return await follow(options, attempt, { child: started, pid: started.pid ?? 0, log, hidden })
  } finally {
    log.close()
  }
}

function secretsOf(
  options: ProcessExecutorOptions,
  attempt: StepAttempt,
): { readonly values: Readonly<Record<string, string>> } | AttemptEnd {
  const values: Record<string, string> = {}
  for (const secret of attempt.secrets) {
    const value = options.resolveSecret?.(secret)
    if (value !== undefined && !isRefusal(value) && value !== '') {
      values[secret.name] = value
      continue
    }
    const why = isRefusal(value)
      ? value.because
      : value === ''
        ? 'it is empty'
        : 'there are no secrets here'
    return {
      end: 'not_started',
      because: `it needs the secret ${secret.name}, but ${why}`,
      hint: `Provide it where lockstep.yaml says (secrets: ${secret.name}), then run again.`,
    }
  }
  return { values }
}

/** Resolves when the command runs, or with the sentence why it cannot. */
function start(
  options: ProcessExecutorOptions,
  attempt: StepAttempt,
  secrets: Readonly<Record<string, string>>,
): Promise<StepProcess | AttemptEnd> {
  const [program = '', ...words] = commandLine(attempt.command, options.lockstepCommand)
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve(notStarted(attempt.step, program, error))
    try {
      const child = spawn(program, words, {
        cwd: attempt.folder === '' ? attempt.workDir : `${attempt.workDir}/${attempt.folder}`,
        env: environmentOf(options, attempt, secrets),
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      child.once('error', fail)
      child.once('spawn', () => resolve(child))
    } catch (error) {
      fail(error)
    }
  })
}

/** Timers hold 31 bits; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1

interface Followed {
  readonly child: StepProcess
  readonly pid: number
  readonly log: BoundedLog
  /** Values that must not be seen. */
  readonly hidden: readonly string[]
}

async function follow(
  options: ProcessExecutorOptions,
  attempt: StepAttempt,
  followed: Followed,
): Promise<AttemptEnd> {
  const { child, pid } = followed
  const { clock } = options
  const guard = guardGroup(pid)
  const ended = new AbortController()
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const release = endWithUs(attempt.id, pid)
  let forget = () => {}
  let flush = () => {}
  try {
    forget = noteAttempt(attempt.workDir, attempt.id, pid)
    const output = captureOutput(followed, attempt)
    flush = output.flush
    const alarm = clock
      .sleep(Math.min(attempt.timeoutMs, longestTimerMs), ended.signal)
      .then(() => 'timed_out' as const)
    const cancel = aborted(attempt.signal, ended.signal).then(() => 'cancelled' as const)
    const memory = outOfMemory(options, attempt, ended.signal)
    const first = await Promise.race([exit, alarm, cancel, memory, output.broken])
    if (typeof first === 'object' && 'end' in first) return first
    if (typeof first === 'string') {
      signalGroup(pid, 'SIGTERM')
      await Promise.race([closed, clock.sleep(options.graceMs ?? 5000, ended.signal)])
      return { end: first }
    }
    // Whoever still holds the pipes gets a moment to write its last words, then goes.
    await Promise.race([closed, clock.sleep(500, ended.signal)])
    if (first.code !== null) return { end: 'exited', exitCode: first.code }
    return { end: 'killed', signal: first.signal ?? 'a signal' }
  } finally {
    killAttempt(attempt.id, pid)
    await exit
    await Promise.race([closed, clock.sleep(1000, ended.signal)])
    ended.abort()
    child.stdout.destroy()
    child.stderr.destroy()
    flush()
    guard.dismiss()
    release()
    forget()
  }
}

async function outOfMemory(
  { clock }: ProcessExecutorOptions,
  { id, memoryBytes }: StepAttempt,
  ended: AbortSignal,
): Promise<AttemptEnd> {
  if (memoryBytes === null) return new Promise(() => {})
  const usedBytes = await exceedsMemory({ attempt: id, limitBytes: memoryBytes, clock, ended })
  return { end: 'out_of_memory', usedBytes }
}

interface CapturedOutput {
  /** Rejects when the log cannot be written. */
  readonly broken: Promise<never>
  /** Writes what was kept back as the possible beginning of a secret; again does nothing. */
  readonly flush: () => void
}

/** Lines are told while the log is complete; a flood fills only the log's end. Secrets are in neither. */
function captureOutput({ child, log, hidden }: Followed, attempt: StepAttempt): CapturedOutput {
  const { promise: broken, reject } = Promise.withResolvers<never>()
  const captures = (['stdout', 'stderr'] as const).map((stream) => {
    const lines = splitLines((line) => attempt.onLine(stream, line))
    const redact = redactor(hidden)
    let telling = true
    const take = (chunk: Buffer) => {
      if (chunk.length === 0) return
      log.write(chunk)
      if (log.isComplete()) lines.write(chunk)
      else if (telling) {
        telling = false
        lines.end()
        attempt.onLine(stream, '… the output goes on; its end will be in the log …')
      }
    }
    const orReject = (write: () => void) => {
      try {
        write()
      } catch (error) {
        reject(error)
      }
    }
    const finish = () => {
      orReject(() => take(redact.end()))
      lines.end()
    }
    child[stream].on('data', (chunk: Buffer) => orReject(() => take(redact.push(chunk))))
    child[stream].once('end', finish)
    return finish
  })
  return {
    broken,
    flush: () => {
      for (const finish of captures) finish()
    },
  }
}

function aborted(signal: AbortSignal, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    signal.addEventListener('abort', () => resolve(), { once: true, signal: ended })
  })
}

/** In a shell command `lockstep` is a function, so that it works anywhere in the script. */
function commandLine(command: StepCommand, lockstep: readonly string[]): readonly string[] {
  if ('argv' in command) {
    const [first = '', ...rest] = command.argv
    return first === 'lockstep' ? [...lockstep, ...rest] : [first, ...rest]
  }
  const quoted = lockstep.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  return ['/bin/sh', '-c', `lockstep() { ${quoted} "$@"; }\n${command.shell}`]
}

function environmentOf(
  options: ProcessExecutorOptions,
  attempt: StepAttempt,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  const { PATH = options.path, ...declared } = attempt.environment
  return {
    HOME: attempt.workDir,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ...declared,
    ...secrets,
    PATH: [...attempt.path, PATH].join(delimiter),
    LOCKSTEP_STEP: attempt.step,
    [attemptVariable]: attempt.id,
    ...(attempt.seed === null ? {} : { LOCKSTEP_SEED: String(attempt.seed) }),
  }
}

function notStarted(step: string, program: string, error: unknown): AttemptEnd {
  const code = systemCodeOf(error)
  if (code === 'ENOENT') {
    const because = `step ${step}: the command ${program} was not found; is it installed?`
    const hint = program.includes('/')
      ? `${program} is looked up in the work folder: declare it as an input, or give its full path.`
      : `Install ${program}, or put its folder into PATH, then run again.`
    return { end: 'not_started', because, hint }
  }
  if (code === 'EACCES') {
    const because = `step ${step}: ${program} is not executable for this user`
    return { end: 'not_started', because, hint: `Make it executable: chmod +x ${program}` }
  }
  const because = `step ${step}: ${program} could not be started (${code ?? String(error)})`
  return { end: 'not_started', because, hint: 'Check the command in lockstep.yaml.' }
}
