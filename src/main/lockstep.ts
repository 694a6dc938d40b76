// The `lockstep` command: gives the command line the real world. Everything heavy is loaded only by the verb that needs it.
import { userInfo } from 'node:os'
import { runCli } from '../cli/run-cli.ts'
import type { CliWorld, UpOptions } from '../cli/world.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { version } from './package-info.ts'

const interrupted = new AbortController()
let interrupts = 0
process.on('SIGINT', () => {
  interrupts += 1
  interrupted.abort()
  if (interrupts > 2) process.exit(130)
})
process.on('SIGTERM', () => interrupted.abort())
// A program that started this one with a channel is its owner: without it, nothing may be left running.
if (process.channel) process.on('disconnect', () => interrupted.abort())

const world: CliWorld = {
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  env: { ...process.env, LOCKSTEP_ACTOR: process.env.LOCKSTEP_ACTOR ?? userInfo().username },
  clock: systemClock,
  version,
  serveSignals: interrupted.signal,
  connect: async (projectDir, caller) =>
    (await import('./connect.ts')).connect(projectDir, caller, process.env),
  verifyOffline: async (request) =>
    (await import('./verify-offline.ts')).verifyOffline(request, process.env),
  checkData: async (request) => (await import('./check-data.ts')).checkData(request),
  profileData: async (request) => (await import('./profile-data.ts')).profileData(request),
  inferSchema: async (files) => (await import('./propose-schema.ts')).inferFiles(files),
  diffSchema: async (request) => (await import('./propose-schema.ts')).diffFiles(request),
  up: (options) => serve(options),
}

process.exitCode = await runCli(process.argv.slice(2), world)
// Sockets kept alive by an agent must not keep a finished command; but what it said must have arrived, also in a slow pipe.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))

async function serve({ projectDir, port, json }: UpOptions): Promise<number> {
  const { bringUp } = await import('./up.ts')
  const { supervisor, url, environments } = await bringUp({
    projectDir,
    port,
    env: process.env,
    logLevel: 'warn',
  })
  const places = [
    `control plane  ${url}`,
    ...environments.map((one) => `${one.name.padEnd(13)}  ${one.url}`),
  ]
  if (json) process.stdout.write(`${JSON.stringify({ pid: process.pid, url, environments })}\n`)
  else
    process.stderr.write(
      `${places.map((place) => `  ${place}`).join('\n')}\n\n  lockstep status   what runs here\n  lockstep run      train, gate and release\n  Ctrl-C            stops everything\n`,
    )
  const { tellEvents } = await import('./tell-events.ts')
  if (!json)
    void tellEvents(projectDir, (line) => process.stderr.write(`${line}\n`), interrupted.signal)
  await new Promise<void>((resolve) => {
    if (interrupted.signal.aborted) resolve()
    interrupted.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  if (!json) process.stderr.write('stopping: gateways finish what is on its way\n')
  await supervisor.stop()
  return 0
}
