// Runs steps under strace and reports the files they read beside their declared inputs. Without strace, or where the
// machine forbids tracing, there is no tracer, and a sentence says so.
import { execFile } from 'node:child_process'
import { createReadStream, existsSync, realpathSync, rmSync } from 'node:fs'
import { basename, delimiter, dirname, isAbsolute, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { sentenceOf } from '../../foundation/errors.ts'
import type { StepCommand } from '../../project/step-spec.ts'
import type { StepAttempt, StepExecutor } from '../pipeline/step-executor.ts'
import { fileReadIn, isUndeclared, type ReadBounds, traceArguments } from './read-trace.ts'

export interface TracePlace {
  /** The PATH that steps get. */
  readonly path: string
  /** What stands for `lockstep` in a command. */
  readonly lockstepCommand: readonly string[]
  readonly projectDir: string
  /** `.lockstep`, absolute. */
  readonly dataDir: string
  /** The user's home; null when there is none. */
  readonly home: string | null
}

export interface Tracer {
  /** Gives what `inner` gives; the reads of every attempt are told before it resolves. */
  wrap(
    inner: StepExecutor,
    told: (step: string, undeclared: readonly string[]) => void,
  ): StepExecutor
}

const run = promisify(execFile)

/** Of one attempt so many files are named; more would drown the record. */
const mostNamed = 200

/** A tracer, or the sentence why reads cannot be traced here. */
export async function openTracer(place: TracePlace): Promise<Tracer | string> {
  if (process.platform !== 'linux')
    return `reads are not traced: that needs Linux and strace, and this is ${process.platform}`
  const strace = programOn(place.path, 'strace')
  if (strace === undefined)
    return 'reads are not traced: strace is not on PATH (Debian: apt-get install strace)'
  try {
    await run(strace, [...traceArguments, '-o', '/dev/null', '--', '/bin/sh', '-c', ':'])
  } catch (error) {
    return `reads are not traced: strace does not work here: ${firstLine(error)}`
  }
  const bounds = boundsOf(place)
  return {
    wrap: (inner, told) => ({
      run: async (attempt) => {
        const tracePath = `${attempt.workDir}.reads`
        const command = tracedCommand(attempt.command, {
          strace,
          tracePath,
          lockstep: place.lockstepCommand,
        })
        try {
          const end = await inner.run({ ...attempt, command })
          if (end.end !== 'not_started')
            told(attempt.step, await readsIn(tracePath, attempt, bounds))
          return end
        } finally {
          rmSync(tracePath, { force: true })
        }
      },
    }),
  }
}

/** `lockstep` is spelt out here: behind strace the executor would not see it. */
function tracedCommand(
  command: StepCommand,
  {
    strace,
    tracePath,
    lockstep,
  }: { strace: string; tracePath: string; lockstep: readonly string[] },
): StepCommand {
  const quoted = lockstep.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const [first = '', ...rest] =
    'argv' in command
      ? command.argv
      : ['/bin/sh', '-c', `lockstep() { ${quoted} "$@"; }\n${command.shell}`]
  const words = first === 'lockstep' ? [...lockstep, ...rest] : [first, ...rest]
  return { argv: [strace, ...traceArguments, '-o', tracePath, '--', ...words] }
}

async function readsIn(
  tracePath: string,
  attempt: StepAttempt,
  bounds: Omit<ReadBounds, 'workDir'>,
): Promise<string[]> {
  if (!existsSync(tracePath)) return []
  const programs = attempt.path.map((folder) => realPath(dirname(folder)))
  const within = {
    watched: bounds.watched,
    ignored: [...bounds.ignored, ...programs],
    workDir: realPath(attempt.workDir),
  }
  const found = new Set<string>()
  const lines = createInterface({ input: createReadStream(tracePath), crlfDelay: Infinity })
  for await (const line of lines) {
    const path = fileReadIn(line)
    if (path !== undefined && !found.has(path) && isUndeclared(path, within)) found.add(path)
  }
  return [...found].sort().slice(0, mostNamed)
}

function boundsOf(place: TracePlace): Omit<ReadBounds, 'workDir'> {
  const { projectDir, dataDir, home, path, lockstepCommand } = place
  const watched = [projectDir, ...(home === null || home === '/' ? [] : [home])].map(realPath)
  // `~/.pyenv/shims` on PATH stands for ~/.pyenv: programs are the environment's matter, not a read of the step.
  const programs = path.split(delimiter).flatMap((folder) => {
    if (!isAbsolute(folder)) return []
    const real = realPath(folder)
    const whole = ['bin', 'shims', 'sbin'].includes(basename(real)) ? dirname(real) : real
    const tooMuch = watched.some((one) => one === whole || one.startsWith(whole + sep))
    return whole === sep || tooMuch ? [real] : [whole]
  })
  const own = lockstepCommand
    .filter((word) => isAbsolute(word))
    .map((word) => dirname(dirname(realPath(word))))
    .filter((folder) => !watched.includes(folder))
  return { watched, ignored: [dataDir, ...programs, ...own].map(realPath) }
}

function programOn(path: string, name: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => `${folder}/${name}`)
    .find((file) => isAbsolute(file) && existsSync(file))
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function firstLine(error: unknown): string {
  const said =
    typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : ''
  return (said.trim() || sentenceOf(error)).split('\n')[0] ?? ''
}
