// The real command line as a process of its own: what it printed, how it ended, and which processes a project folder still has.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '../../src/foundation/system-clock.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const node = join(root, 'node_modules', '.bin', 'node')
const binary = join(root, 'bin', 'lockstep.js')

export interface Ended {
  /** 128 + n after signal n, as a shell says it. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly pid: number
  said(): string
  /** To the whole process group, as a terminal does it with Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

/** In a process group of its own, so that a signal to the group meets it and its children, and nobody else. */
export function spawnNode(cwd: string, script: string, words: readonly string[]): Running {
  const env = {
    ...process.env,
    NO_COLOR: '1',
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
  }
  const child = spawn(node, [script, ...words], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString('utf8')
  })
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString('utf8')
  })
  const pid = child.pid ?? 0
  return {
    child,
    pid,
    said: () => stdout + stderr,
    signalGroup: (signal) => {
      if (child.exitCode === null && child.signalCode === null) process.kill(-pid, signal)
    },
    ended: new Promise((resolve) =>
      child.once('close', (code, signal) =>
        resolve({
          code: code ?? 128 + (signal === 'SIGKILL' ? 9 : signal === 'SIGINT' ? 2 : 15),
          stdout,
          stderr,
        }),
      ),
    ),
  }
}

export const spawnLockstep = (dir: string, ...words: string[]) => spawnNode(dir, binary, words)

export const lockstep = (dir: string, ...words: string[]) => spawnLockstep(dir, ...words).ended

/** The answer of a verb with `--json`. */
export async function answer<T>(
  dir: string,
  ...words: string[]
): Promise<{ code: number; document: T }> {
  const { code, stdout, stderr } = await lockstep(dir, ...words, '--json')
  try {
    return { code, document: JSON.parse(stdout) as T }
  } catch {
    throw new Error(
      `lockstep ${words.join(' ')} --json ended with ${code} and no document: ${stdout}${stderr}`,
    )
  }
}

export interface Process {
  readonly pid: number
  readonly parent: number
  readonly words: readonly string[]
}

/** Every process that works in the folder, was started with it in its command line or environment, or guards one that does. */
export function processesOf(dir: string): Process[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .map((pid) => ({ pid, ...seen(pid) }))
  const own = all.filter((one) =>
    [one.commandLine, one.environment, one.folder].some((text) => text.includes(dir)),
  )
  const guards = all.filter(
    (one) =>
      one.commandLine.includes('lockstep-guard') && own.some(({ pid }) => pid === one.parent),
  )
  return [...own, ...guards].map(({ pid, parent, commandLine }) => ({
    pid,
    parent,
    words: commandLine.split('\0'),
  }))
}

function seen(pid: number) {
  const stat = readOrEmpty(`/proc/${pid}/stat`)
  const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  return {
    parent,
    commandLine: readOrEmpty(`/proc/${pid}/cmdline`),
    environment: readOrEmpty(`/proc/${pid}/environ`),
    folder: folderOf(pid),
  }
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Looks until `find` answers something; the error says what was waited for. */
export async function until<T>(
  what: string,
  find: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = systemClock.now() + withinMs
  for (;;) {
    const found = await find()
    if (found) return found
    if (systemClock.now() > deadline)
      throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`)
    await systemClock.sleep(20)
  }
}

/** What is left of a folder's processes after a moment for the last to go. */
export async function leftovers(dir: string, withinMs = 3000): Promise<Process[]> {
  await until('the last process', () => processesOf(dir).length === 0, withinMs).catch(() => {})
  return processesOf(dir)
}
