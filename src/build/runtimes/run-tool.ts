// Runs an installer to its end: its lines are told as they come, its last ones kept for the error, and nothing of it outlives us.
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { LockstepError } from '../../foundation/errors.ts'
import { splitLines } from '../executors/line-splitter.ts'
import {
  attemptVariable,
  endWithUs,
  guardGroup,
  killAttempt,
  signalGroup,
} from '../executors/process-group.ts'

export interface Tool {
  readonly program: string
  readonly args: readonly string[]
  readonly folder: string
  readonly environment: Readonly<Record<string, string>>
  /** Carried by all its processes. */
  readonly token: string
  /** Appended to. */
  readonly logPath: string
  readonly told: (line: string) => void
  readonly signal: AbortSignal
  /** What it does, for the error: `installing requirements.txt`. */
  readonly doing: string
}

const keptLines = 12

/** Resolves to what it printed on standard output. Rejects with the signal's reason, or with a LockstepError that quotes its last lines. */
export async function runTool(tool: Tool): Promise<string> {
  tool.signal.throwIfAborted()
  const said: string[] = []
  let printed = ''
  const log = createWriteStream(tool.logPath, { flags: 'a' })
  // A full disk must not end the process; the tool itself will complain about it.
  log.on('error', () => {})
  log.write(`$ ${[tool.program, ...tool.args].join(' ')}\n`)
  const child = spawn(tool.program, tool.args, {
    cwd: tool.folder,
    env: { ...tool.environment, [attemptVariable]: tool.token },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(code ?? `ended by ${signal}`))
  })
  const pid = child.pid
  const forget = pid === undefined ? () => {} : endWithUs(tool.token, pid)
  const guard = pid === undefined ? undefined : guardGroup(pid)
  const stop = () => {
    if (pid !== undefined) signalGroup(pid, 'SIGKILL')
  }
  tool.signal.addEventListener('abort', stop, { once: true })
  for (const stream of [child.stdout, child.stderr]) {
    const lines = splitLines((line) => {
      if (line.trim() === '') return
      said.push(line.trimEnd())
      if (said.length > keptLines) said.shift()
      tool.told(line)
    })
    stream.on('data', (chunk: Buffer) => {
      if (stream === child.stdout) printed += chunk
      log.write(chunk)
      lines.write(chunk)
    })
    stream.once('end', () => lines.end())
  }
  const end = await ended
  tool.signal.removeEventListener('abort', stop)
  if (pid !== undefined) killAttempt(tool.token, pid)
  guard?.dismiss()
  forget()
  log.end()
  tool.signal.throwIfAborted()
  if (end !== 0) throw toolFailed(tool, end, said)
  return printed
}

function toolFailed(tool: Tool, end: number | string, said: readonly string[]): LockstepError {
  const text = said.join('\n')
  const how = typeof end === 'number' ? `exit code ${end}` : end
  const cause = causes.find(({ sign }) => sign.test(text))
  return new LockstepError({
    code: cause?.code ?? 'runtime.install_failed',
    kind: cause?.kind ?? 'invalid',
    message: `${tool.doing} failed (${how})${cause ? `: ${cause.sentence}` : ''}. It said:\n${said.map((line) => `  ${line}`).join('\n')}`,
    hint: `${cause?.hint ?? 'correct the lock file, then run again'}; everything it printed: ${tool.logPath}`,
    details: { command: [tool.program, ...tool.args], said },
  })
}

const causes = [
  {
    sign: /No space left on device|ENOSPC/,
    code: 'runtime.disk_full',
    kind: 'unavailable',
    sentence: 'the disk is full',
    hint: 'free some space, then run again',
  },
  {
    sign: /do not match the hashes|EINTEGRITY|hashes are required/i,
    code: 'runtime.hash_mismatch',
    kind: 'invalid',
    sentence: 'a package is not the one the lock file names',
    hint: 'find out why it changed before you lock it anew',
  },
  {
    sign: /NewConnectionError|Max retries exceeded|Temporary failure in name resolution|ConnectTimeout|ECONNREFUSED|ENOTFOUND|ETIMEDOUT|ConnectionResetError|ProxyError/,
    code: 'runtime.network',
    kind: 'unavailable',
    sentence: 'the package index was not reached',
    hint: 'check the network, the proxy and the index settings, then run again',
  },
  {
    sign: /ensurepip is not\s+available|No module named (ensurepip|venv)/,
    code: 'runtime.no_venv',
    kind: 'unavailable',
    sentence: 'this Python comes without venv',
    hint: 'install it (Debian, Ubuntu: apt-get install python3-venv), then run again',
  },
  {
    sign: /No matching distribution found|ResolutionImpossible|ETARGET|E404/,
    code: 'runtime.package_unknown',
    kind: 'invalid',
    sentence: 'a package of the lock is not to be had for this interpreter and platform',
    hint: 'lock it anew with this interpreter, or use the one it was locked with',
  },
] as const
