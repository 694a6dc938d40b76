// Debian's docker-registry as a process on this machine, and other people's clients for it.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { freePort } from './small-project.ts'

export interface RealRegistry {
  readonly host: string
  /** As kill -9 does it; what it stored stays. */
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** Looks where apt and `go install` put programs. */
export function programPath(name: string): string | undefined {
  const places = [...(process.env.PATH ?? '').split(delimiter), join(homedir(), 'go', 'bin')]
  return places.map((place) => join(place, name)).find((path) => existsSync(path))
}

const ways: Readonly<Record<string, string>> = {
  'docker-registry': 'apt-get install docker-registry',
  oras: 'go install oras.land/oras/cmd/oras@v1.2.3',
  crane: 'go install github.com/google/go-containerregistry/cmd/crane@v0.20.6',
  modctl:
    'CGO_ENABLED=0 go build github.com/modelpack/modctl, required as v0.2.2 by a module of its own',
}

/** True, and said once, when a judge is missing on this machine. */
export function isMissing(...names: readonly string[]): boolean {
  const missing = names.filter((name) => programPath(name) === undefined)
  for (const name of missing)
    process.stderr.write(`skipped: ${name} is not installed; get it with: ${ways[name]}\n`)
  return missing.length > 0
}

export async function openRealRegistry(htpasswd?: string): Promise<RealRegistry> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-registry-'))
  const port = await freePort()
  const config = join(dir, 'config.yml')
  const users = join(dir, 'htpasswd')
  if (htpasswd !== undefined) await writeFile(users, htpasswd)
  const auth = htpasswd === undefined ? '' : `auth: {htpasswd: {realm: test, path: ${users}}}\n`
  await writeFile(
    config,
    `version: 0.1\nlog: {accesslog: {disabled: true}, level: error}\nstorage: {filesystem: {rootdirectory: ${join(dir, 'data')}}}\nhttp: {addr: '127.0.0.1:${port}'}\n${auth}`,
  )
  let child: ReturnType<typeof spawn> | undefined
  const kill = async () => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGKILL')
    await gone
  }
  const start = async () => {
    child = spawn(programPath('docker-registry') ?? '', ['serve', config], { stdio: 'ignore' })
    const until = systemClock.now() + 10_000
    while (!(await answers(port))) {
      if (systemClock.now() > until) throw new Error('docker-registry did not start')
      await systemClock.sleep(20)
    }
  }
  await start()
  return {
    host: `127.0.0.1:${port}`,
    kill,
    start,
    async remove() {
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Standard output of another program; its standard error is in the error when it fails. */
export function ran(name: string, words: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) =>
    execFile(programPath(name) ?? name, words, { cwd }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  )
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1')
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
