// The stage of the story: a fresh project folder, `lockstep up` as a process of its own, and the typed client beside it.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LockstepApi } from '../api/contract/routes.ts'
import { discoverControl } from '../client/discover.ts'
import { createClient } from '../client/http-client.ts'
import type { Clock } from '../foundation/clock.ts'
import { LockstepError } from '../foundation/errors.ts'

const run = promisify(execFile)

export interface Stage {
  readonly dir: string
  /** `lockstep …` as a person would type it, to its end. */
  lockstep(
    ...words: string[]
  ): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }>
  /** The API as seen by one person. */
  as(person: string): LockstepApi
  /** Starts `lockstep up` and waits until its control plane answers. */
  up(): Promise<void>
  /** Ends it the way Ctrl-C does; resolves when every process it started is gone. */
  down(): Promise<void>
  commit(message: string): Promise<void>
  edit(file: string, change: (text: string) => string): Promise<void>
  readonly ports: {
    readonly control: number
    readonly staging: number
    readonly production: number
  }
}

export interface StageOptions {
  readonly dir: string
  /** The command that `lockstep` stands for. */
  readonly lockstepCommand: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

const readyWithinMs = 20_000
const goneWithinMs = 20_000

export async function setStage({ dir, lockstepCommand, env, clock }: StageOptions): Promise<Stage> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true })
  const [command = '', ...before] = lockstepCommand
  const ports = {
    control: await freePort(7070),
    staging: await freePort(8081),
    production: await freePort(8080),
  }
  let running: ChildProcess | undefined
  let socket = ''

  const git = (...words: string[]) =>
    run('git', [
      '-C',
      dir,
      '-c',
      'user.name=Dana',
      '-c',
      'user.email=dana@example.org',
      '-c',
      'commit.gpgsign=false',
      ...words,
    ])
  const edit: Stage['edit'] = async (file, change) => {
    const path = join(dir, file)
    await writeFile(path, change(await readFile(path, 'utf8')))
  }
  const stage: Stage = {
    dir,
    ports,
    edit,
    async lockstep(...words) {
      const child = spawn(command, [...before, ...words], {
        cwd: dir,
        env: env as NodeJS.ProcessEnv,
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
      const code = await new Promise<number>((resolve) =>
        child.once('close', (status) => resolve(status ?? 1)),
      )
      return { stdout, stderr, code }
    },
    as: (person) =>
      createClient({ target: { socketPath: socket }, actor: `person:${person}`, projectDir: dir }),
    async up() {
      running = spawn(command, [...before, 'up'], {
        cwd: dir,
        env: env as NodeJS.ProcessEnv,
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      })
      let said = ''
      running.stderr?.on('data', (part: Buffer) => {
        said += part.toString('utf8')
      })
      const until = clock.now() + readyWithinMs
      for (;;) {
        const control = await discoverControl(dir)
        if (control) {
          socket = control.socket
          return
        }
        if (running.exitCode !== null || clock.now() > until) throw notReady(said)
        await clock.sleep(50)
      }
    },
    async down() {
      const child = running
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      await Promise.race([gone, clock.sleep(goneWithinMs)])
    },
    async commit(message) {
      await git('add', 'lockstep.yaml', 'params.yaml', '.gitignore')
      await git('commit', '-q', '-m', message)
    },
  }
  const init = await stage.lockstep('init', '.')
  if (init.code !== 0) throw notReady(init.stderr)
  await edit('lockstep.yaml', (text) =>
    text
      .replace(/port: 8081/, `port: ${ports.staging}`)
      .replace(/port: 8080/, `port: ${ports.production}`)
      .replace(/^environments:/m, `control: {port: ${ports.control}}\nenvironments:`),
  )
  await git('init', '-q')
  await stage.commit('Predict income from the survey of 1994')
  return stage
}

/** The usual port when it is free, else one the system gives. */
async function freePort(usual: number): Promise<number> {
  const listen = (port: number) =>
    new Promise<number | null>((resolve) => {
      const probe = createServer()
      probe.once('error', () => resolve(null))
      probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
        const address = probe.address()
        probe.close(() => resolve(typeof address === 'object' && address ? address.port : null))
      })
    })
  return (await listen(usual)) ?? (await listen(0)) ?? usual
}

function notReady(said: string): LockstepError {
  return new LockstepError({
    code: 'story.not_up',
    kind: 'unavailable',
    message: `the project could not be set up: ${said.trim() || 'lockstep said nothing'}`,
  })
}
