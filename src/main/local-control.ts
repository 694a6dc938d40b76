// A control plane for the length of one command, when none runs: the same program, without gateways or deliveries.
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Purpose } from '../cli/world.ts'
import { loadRunnableProject } from '../control/load-runnable-project.ts'
import {
  errorOf,
  type FailureMessage,
  isFailure,
} from '../deliver/platforms/local/child-message.ts'
import { LockstepError } from '../foundation/errors.ts'
import { dataFolder, socketNames } from '../project/data-folder.ts'
import type { ControlConfig } from './control-parts.ts'
import { makeDataFolder } from './make-data-folder.ts'
import { entry } from './package-info.ts'

export interface LocalControl {
  readonly socketPath: string
  /** Waits until it has put everything down and is gone. */
  stop(): Promise<void>
}

export async function startLocalControl(
  projectDir: string,
  purpose: Purpose,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalControl> {
  const { dir } = await loadRunnableProject(projectDir)
  const folder = dataFolder(dir)
  await makeDataFolder(folder)
  const config: ControlConfig = {
    projectDir: dir,
    delivers: false,
    resumes: purpose !== 'read',
    port: null,
    path: env.PATH ?? '',
  }
  const [command = '', ...args] = [...entry('control'), JSON.stringify(config)]
  const child = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: env as NodeJS.ProcessEnv,
    detached: true,
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  if (child.stderr) keepLog(child.stderr, join(folder.logs, 'control-local.log'))
  const failure = await new Promise<FailureMessage | 'silent' | null>((resolve) => {
    child.on('message', (message) => resolve(isFailure(message) ? message : null))
    child.once('exit', () => resolve('silent'))
  })
  if (failure !== null) {
    await gone
    throw failure === 'silent' ? endedSilently(folder.logs) : errorOf(failure)
  }
  return {
    socketPath: join(folder.sockets, socketNames.control),
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** A disk that fills up costs the log, not the command. */
function keepLog(lines: Readable, path: string): void {
  const file = createWriteStream(path, { flags: 'a' })
  file.on('error', () => lines.resume())
  lines.pipe(file)
}

function endedSilently(logs: string): LockstepError {
  return new LockstepError({
    code: 'up.control_not_started',
    kind: 'unavailable',
    message: 'the control plane ended before it was ready and said nothing',
    hint: `its log: ${join(logs, 'control-local.log')}`,
  })
}
