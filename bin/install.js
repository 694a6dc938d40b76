// Makes sure the dependencies of this checkout are installed and are those of package-lock.json. Plain JavaScript for Node.js 20, nothing imported from npm.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const binDir = join(modules, '.bin')
const marker = join(modules, '.lockstep-installed')
const lockFile = join(root, 'package-lock.json')

/** Installs when needed; everything it says goes to standard error. Ends the process with 1 when that fails. */
export async function ensureInstalled() {
  const wanted = createHash('sha256').update(readFileSync(lockFile)).digest('hex')
  const reason = reasonToInstall(wanted)
  if (reason === null) return
  const start = Date.now()
  say(`Installing dependencies: ${reason}.`)
  const code = await npm(['ci', '--loglevel=error', '--no-fund', '--no-audit'])
  if (code > 128) process.exit(code)
  if (code !== 0) {
    say(
      `The dependencies could not be installed (npm ended with ${code}); nothing was started. The first start needs the npm registry: check the network and the message above, then try again.`,
    )
    process.exit(1)
  }
  mkdirSync(modules, { recursive: true })
  writeFileSync(marker, `${wanted}\n`)
  say(`Installed in ${((Date.now() - start) / 1000).toFixed(1)} s.`)
}

/** Null when what is installed is what the lock says. */
function reasonToInstall(wanted) {
  if (!existsSync(modules)) return 'none are here yet'
  if (existsSync(marker)) {
    if (readFileSync(marker, 'utf8').trim() === wanted) return null
    return 'package-lock.json changed since they were installed'
  }
  // Installed by hand with npm: good when it is the same set.
  if (!isInstalledByHand()) return 'what is here is not what package-lock.json says'
  writeFileSync(marker, `${wanted}\n`)
  return null
}

function isInstalledByHand() {
  const hidden = join(modules, '.package-lock.json')
  if (!existsSync(hidden)) return false
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages
  const locked = JSON.parse(readFileSync(lockFile, 'utf8')).packages
  const same = (path) => installed[path] && installed[path].version === locked[path].version
  return (
    Object.keys(locked).every((path) => path === '' || locked[path].optional || same(path)) &&
    Object.keys(installed).every((path) => path in locked)
  )
}

function npm(args) {
  // Inside `npm run` the npm that is running is used; its output must not mix with the program's own.
  const own = process.env.npm_execpath
  const stdio = ['ignore', 2, 2]
  const child =
    own && /\.c?js$/.test(own)
      ? spawn(process.execPath, [own, ...args], { cwd: root, stdio })
      : spawn('npm', args, { cwd: root, stdio, shell: process.platform === 'win32' })
  return ended(child, 'npm')
}

/** The Node.js that runs Lockstep: the one installed here, or this one when it is new enough. */
export function nodePath() {
  const local = join(binDir, process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(local)) return local
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  say(
    `Lockstep needs Node.js 24 or newer; this is Node.js ${process.versions.node}, and node_modules/.bin/node is missing: its install script did not run. Allow install scripts (npm config get ignore-scripts), delete node_modules and try again.`,
  )
  process.exit(1)
}

/** Runs a command with the tools of this checkout first in PATH; this process then ends as the command did. */
export async function runAndExit(command, args) {
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${binDir}${delimiter}${process.env.PATH ?? ''}` },
  })
  process.exit(await ended(child, command))
}

/** What to run for a name such as `vitest`: a JavaScript file goes to the right Node.js, anything else runs as it is. */
export function commandFor(name) {
  const file = scriptOf(name)
  if (file === null) return { command: name, before: [] }
  return isJavaScript(file)
    ? { command: nodePath(), before: [file] }
    : { command: file, before: [] }
}

function scriptOf(name) {
  const folder = join(modules, name)
  const manifest = join(folder, 'package.json')
  if (existsSync(manifest)) {
    const { bin } = JSON.parse(readFileSync(manifest, 'utf8'))
    const path = typeof bin === 'string' ? bin : bin?.[name]
    if (path) return join(folder, path)
  }
  const link = join(binDir, name)
  if (existsSync(link)) return realpathSync(link)
  return existsSync(name) ? name : null
}

function isJavaScript(file) {
  if (['.js', '.mjs', '.cjs', '.ts', '.mts'].includes(extname(file))) return true
  const start = readFileSync(file).subarray(0, 64).toString('latin1')
  return start.startsWith('#!') && (start.split('\n')[0] ?? '').includes('node')
}

/** The exit code, 128 + n after signal n, 127 when the command is not there. Signals meant for this process go on to the child. */
function ended(child, name) {
  const forward = (signal) => {
    // Ctrl-C in a terminal reaches the child by itself; a second one would cut its cleaning up short.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return new Promise((resolve) => {
    const finish = (code) => {
      for (const signal of signals) process.off(signal, forward)
      resolve(code)
    }
    child.on('error', (error) => {
      say(`${name} cannot be started: ${error.message}`)
      finish(127)
    })
    child.on('exit', (code, signal) =>
      finish(code ?? 128 + (signal ? (constants.signals[signal] ?? 0) : 0)),
    )
  })
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
