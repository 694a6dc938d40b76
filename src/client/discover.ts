// Finds the control plane of a project folder: what it wrote about itself, believed only when it answers its socket.
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'

export interface RunningControl {
  readonly pid: number
  readonly socket: string
  readonly url: string | null
  readonly project: string
}

/** Where a control plane announces itself. */
export function controlFileOf(projectDir: string): string {
  return join(resolve(projectDir), '.lockstep', 'run', 'control.json')
}

/** Null when there is none, or only the file of one that died. Throws `client.control_file` when the file is not readable. */
export async function discoverControl(projectDir: string): Promise<RunningControl | null> {
  const announced = await readControlFile(controlFileOf(projectDir))
  if (!announced || !isAlive(announced.pid)) return null
  // A process number is given out again after a restart of the machine: only an open door counts.
  return (await opens(announced.socket)) ? announced : null
}

async function readControlFile(file: string): Promise<RunningControl | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw new LockstepError({
      code: 'client.control_file',
      kind: code === 'EACCES' ? 'forbidden' : 'unavailable',
      message: `${file} cannot be read: ${sentenceOf(error)}`,
      hint: 'run the command as the user who started lockstep up',
      cause: error,
    })
  }
  return parseControl(text)
}

/** A file cut short by a crash counts as none. */
function parseControl(text: string): RunningControl | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const { pid, socket, url, project } = value as Record<string, unknown>
  if (typeof pid !== 'number' || typeof socket !== 'string') return null
  return {
    pid,
    socket,
    url: typeof url === 'string' ? url : null,
    project: typeof project === 'string' ? project : '',
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

function opens(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
