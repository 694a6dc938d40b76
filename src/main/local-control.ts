// A control plane for the length of one command, when none runs: the same program, without gateways or deliveries.
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { loadRunnableProject } from '../control/load-runnable-project.ts'
import { LockstepError } from '../foundation/errors.ts'
import { dataFolder, socketNames } from '../project/data-folder.ts'
import type { ControlConfig } from './control-parts.ts'
import { entry } from './package-info.ts'

export interface LocalControl {
  readonly socketPath: string
  /** Waits until it has put everything down and is gone. */
  stop(): Promise<void>
}

export async function startLocalControl(
  projectDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalControl> {
  const { dir } = await loadRunnableProject(projectDir)
  const folder = dataFolder(dir)
  await mkdir(folder.logs, { recursive: true })
  const config: ControlConfig = {
    projectDir: dir,
    delivers: false,
    port: null,
    path: env.PATH ?? '',
  }
  const [command = '', ...args] = [...entry('control'), JSON.stringify(config)]
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: env as NodeJS.ProcessEnv,
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  child.stderr?.on('data', (part: Buffer) => {
    said = `${said}${part.toString('utf8')}`.slice(-8000)
  })
  child.stderr?.pipe(createWriteStream(join(folder.logs, 'control-local.log'), { flags: 'a' }))
  const isReady = await new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true))
    child.once('exit', () => resolve(false))
  })
  if (!isReady) throw notStarted(said)
  return {
    socketPath: join(folder.sockets, socketNames.control),
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

function notStarted(said: string): LockstepError {
  const lines = said.trim().split('\n')
  const reason = lines
    .map((line) => /"error":"((?:[^"\\]|\\.)*)"/.exec(line)?.[1])
    .findLast((found) => found !== undefined)
  return new LockstepError({
    code: 'up.control_not_started',
    kind: 'unavailable',
    message: reason
      ? (JSON.parse(`"${reason}"`) as string)
      : `the control plane ended before it was ready: ${lines.at(-1) ?? 'it said nothing'}`,
  })
}
