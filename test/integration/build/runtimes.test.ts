// Language environments on a real disk, made by an interpreter of our own that installs nothing and does it as slowly or as
// badly as a test wishes. Real pip and npm: the python part of .ci/run, and the last tests here with what needs no network.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ReadyRuntime, RuntimesPort } from '../../../src/build/pipeline/step-runtime.ts'
import { openRuntimes } from '../../../src/build/runtimes/open-runtimes-fs.ts'
import {
  isLocked,
  listRuntimes,
  removeRuntime,
} from '../../../src/build/runtimes/runtime-record-fs.ts'
import { digestOf } from '../../../src/foundation/digest.ts'
import { isLockstepError } from '../../../src/foundation/errors.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { eventually, isAlive } from '../../support/eventually.ts'

const moduleUnderTest = fileURLToPath(
  new URL('../../../src/build/runtimes/open-runtimes-fs.ts', import.meta.url),
)
const clockModule = fileURLToPath(
  new URL('../../../src/foundation/system-clock.ts', import.meta.url),
)

let dir: string
let root: string
let runtimes: RuntimesPort
const told: string[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-runtimes-'))
  root = join(dir, '.lockstep/runtimes')
  told.length = 0
  pretendPython('3.11.9')
  write('requirements.txt', 'six==1.17.0\n')
  runtimes = open()
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function open(path = `${dir}/bin:/usr/bin:/bin`): RuntimesPort {
  return openRuntimes({ root, path, environment: { HOME: dir }, clock: systemClock })
}

/** Notes each installation in `installed`; hangs while there is a file `slow`, fails with the words in `fail`. */
function pretendPython(version: string): void {
  const script = `#!/bin/sh
case "$*" in
  "-I "*) echo '["CPython", "${version}", "'"$0"'"]' ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  *" install "*)
    echo "$$" >> ${dir}/installed
    echo "Collecting six==1.17.0"
    if [ -f ${dir}/slow ]; then sleep 300; fi
    if [ -f ${dir}/fail ]; then cat ${dir}/fail >&2; exit 1; fi ;;
  *" freeze "*) echo six==1.17.0 ;;
esac
`
  write('bin/python3', script, 0o755)
}

function write(path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  rmSync(join(dir, path), { force: true })
  writeFileSync(join(dir, path), text, { mode })
}

const lockDigest = (path = 'requirements.txt') => digestOf(readFileSync(join(dir, path)))
const installed = () =>
  existsSync(`${dir}/installed`) ? readFileSync(`${dir}/installed`, 'utf8').trim().split('\n') : []

async function describeLock(path = 'requirements.txt') {
  return runtimes.describe({ kind: 'python', lock: path }, lockDigest(path))
}

async function prepare(signal = new AbortController().signal): Promise<ReadyRuntime> {
  const facts = await describeLock()
  const lockPath = join(dir, 'requirements.txt')
  return runtimes.prepare({ facts, lockPath, told: (line) => told.push(line), signal })
}

async function failure(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!isLockstepError(error)) throw error ?? new Error('it went well')
  return error
}

describe('what an environment is', () => {
  it('is named by interpreter, platform and lock: another of any is another environment', async () => {
    const first = await describeLock()
    expect(first).toMatchObject({ kind: 'python', interpreter: '3.11.9', lock: lockDigest() })
    write('requirements.txt', 'six==1.16.0\n')
    const otherLock = await describeLock()
    pretendPython('3.12.1')
    const otherPython = await describeLock()
    expect(otherPython.interpreter).toBe('3.12.1')
    expect(new Set([first.digest, otherLock.digest, otherPython.digest]).size).toBe(3)
  })

  it('says which interpreter is missing before anything is installed', async () => {
    runtimes = open('/nowhere')
    const error = await failure(describeLock())
    expect(error.code).toBe('runtime.interpreter_missing')
    expect(error.message).toContain('there is no python3 or python on PATH')
  })

  it('gives a step its programs and fixes what would differ from run to run', async () => {
    const ready = await prepare()
    const venv = `${root}/${(await describeLock()).digest.slice(7)}/venv`
    expect(ready.path).toEqual([`${venv}/bin`])
    expect(ready.environment).toEqual({
      VIRTUAL_ENV: venv,
      PYTHONHASHSEED: '0',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONNOUSERSITE: '1',
    })
    expect(told).toContain('Collecting six==1.17.0')
  })
})

describe('installing once', () => {
  it('finds what was installed, also from another process', async () => {
    await prepare()
    runtimes = open()
    await prepare()
    expect(installed()).toHaveLength(1)
  })

  it('lets everybody else wait while one installs', async () => {
    await Promise.all(Array.from({ length: 8 }, () => prepare()))
    expect(installed()).toHaveLength(1)
    expect(told.filter((line) => line.includes('waiting for process'))).toHaveLength(7)
  })

  it('starts over when whoever installed it was killed, and ends what that one left running', async () => {
    write('slow', '')
    const child = spawn(process.execPath, ['--input-type=module', '-e', await childScript()], {
      stdio: 'ignore',
    })
    await eventually(installed, (pids) => pids.length === 1)
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
    rmSync(`${dir}/slow`)
    await prepare()
    expect(installed()).toHaveLength(2)
    await eventually(
      () => isAlive(Number(installed()[0])),
      (alive) => !alive,
    )
  })

  it('makes it anew when the project was moved, for scripts in it name their old place', async () => {
    await prepare()
    const [made] = await listRuntimes(root)
    const record = join(made?.folder ?? '', 'runtime.json')
    writeFileSync(record, readFileSync(record, 'utf8').replaceAll(dir, '/elsewhere'))
    await prepare()
    expect(installed()).toHaveLength(2)
  })

  it('makes it anew when its interpreter is gone', async () => {
    const ready = await prepare()
    rmSync(`${ready.path[0]}/python`)
    await prepare()
    expect(installed()).toHaveLength(2)
  })
})

describe('what can go wrong', () => {
  const failing = async (words: string) => {
    write('fail', `${words}\n`)
    return failure(prepare())
  }

  it('quotes the last lines of the installer and keeps all of them', async () => {
    const error = await failing('ERROR: something about six')
    expect(error).toMatchObject({ code: 'runtime.install_failed', kind: 'invalid' })
    expect(error.message).toContain('installing requirements.txt failed (exit code 1)')
    expect(error.message).toContain('ERROR: something about six')
    const log = /it printed: (.*)$/.exec(error.hint ?? '')?.[1] ?? ''
    expect(readFileSync(log, 'utf8')).toContain('Collecting six==1.17.0')
  })

  it.each([
    ['OSError: [Errno 28] No space left on device', 'runtime.disk_full'],
    ['Max retries exceeded with url: /simple/six/', 'runtime.network'],
    [
      'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.',
      'runtime.hash_mismatch',
    ],
    ['ERROR: No matching distribution found for six==1.17.0', 'runtime.package_unknown'],
  ])('knows %s', async (words, code) => {
    expect((await failing(words)).code).toBe(code)
  })

  it('leaves nothing half-made behind a failure, and the next try begins anew', async () => {
    await failing('no')
    expect(await listRuntimes(root)).toEqual([])
    rmSync(`${dir}/fail`)
    await prepare()
    expect(await listRuntimes(root)).toHaveLength(1)
  })

  it('ends the installer when the run is cancelled', async () => {
    write('slow', '')
    const stop = new AbortController()
    const going = prepare(stop.signal)
    await eventually(installed, (pids) => pids.length === 1)
    stop.abort(new Error('cancelled'))
    await expect(going).rejects.toThrow('cancelled')
    expect(isAlive(Number(installed()[0]))).toBe(false)
  })

  it('installs no lock that changed after its digest was taken', async () => {
    const facts = await describeLock()
    write('requirements.txt', 'six==1.16.0\n')
    const lockPath = join(dir, 'requirements.txt')
    const { signal } = new AbortController()
    const error = await failure(runtimes.prepare({ facts, lockPath, told: () => {}, signal }))
    expect(error.code).toBe('runtime.lock_changed')
    expect(installed()).toEqual([])
  })

  it('refuses a lock that points to files of its own', async () => {
    write('requirements.txt', '-r more.txt\n')
    const error = await failure(prepare())
    expect(error.message).toContain("'-r more.txt' points to files")
  })

  it('says when the lock leaves a choice, and records what was chosen', async () => {
    write('requirements.txt', 'six>=1\n')
    const ready = await prepare()
    expect(told.join('\n')).toContain('requirements.txt leaves a choice (six>=1)')
    const resolved = join(ready.path[0] ?? '', '../../resolved.txt')
    expect(readFileSync(resolved, 'utf8')).toBe('six==1.17.0\n')
  })
})

it('knows whether the lock named all that was installed', async () => {
  write('requirements.txt', 'other==1.0\n')
  await prepare()
  const { digest } = await describeLock()
  expect(await isLocked(root, digest)).toBe(false)
  expect(told.join('\n')).toContain('does not name all that was installed')
})

describe('keeping house', () => {
  it('lists environments by last use and removes them whole', async () => {
    await prepare()
    write('requirements.txt', 'six==1.16.0\n')
    await prepare()
    const [last, first] = await listRuntimes(root)
    expect(last?.record?.facts.lock).toBe(lockDigest())
    expect(last?.record).toMatchObject({ locked: true, hashed: false })
    if (!first) throw new Error('one is missing')
    await removeRuntime(root, first.digest, systemClock)
    expect((await listRuntimes(root)).map((one) => one.digest)).toEqual([last?.digest])
  })

  it('removes none that is being installed', async () => {
    write('slow', '')
    const stop = new AbortController()
    const going = prepare(stop.signal)
    await eventually(installed, (pids) => pids.length === 1)
    const { digest } = await describeLock()
    const error = await failure(removeRuntime(root, digest, systemClock))
    expect(error.code).toBe('runtime.busy')
    stop.abort(new Error('cancelled'))
    await expect(going).rejects.toThrow('cancelled')
  })
})

describe('Node', () => {
  const lock = { name: 'x', version: '1.0.0', lockfileVersion: 3, packages: { '': { name: 'x' } } }

  it('is installed by the real npm from the lock alone, and found by import through a link', async () => {
    write('package-lock.json', JSON.stringify(lock))
    const path = `${dirname(process.execPath)}:/usr/bin:/bin`
    runtimes = open(path)
    const facts = await runtimes.describe(
      { kind: 'node', lock: 'package-lock.json' },
      lockDigest('package-lock.json'),
    )
    expect(facts.interpreter).toBe(process.versions.node)
    const lockPath = join(dir, 'package-lock.json')
    const { signal } = new AbortController()
    const ready = await runtimes.prepare({ facts, lockPath, told: () => {}, signal })
    const folder = `${root}/${facts.digest.slice(7)}`
    expect(ready.links).toEqual({ node_modules: `${folder}/node_modules` })
    expect(ready.path).toEqual([`${folder}/node_modules/.bin`, `${folder}/bin`])
    expect(existsSync(`${folder}/bin/node`)).toBe(true)
  })
})

/** Another process that prepares the same environment. */
async function childScript(): Promise<string> {
  const facts = await describeLock()
  const options = { root, path: `${dir}/bin:/usr/bin:/bin`, environment: {} }
  const lockPath = join(dir, 'requirements.txt')
  return `
    import { openRuntimes } from ${JSON.stringify(moduleUnderTest)}
    import { systemClock } from ${JSON.stringify(clockModule)}
    const runtimes = openRuntimes({ ...${JSON.stringify(options)}, clock: systemClock })
    const { signal } = new AbortController()
    await runtimes.prepare({ facts: ${JSON.stringify(facts)}, lockPath: ${JSON.stringify(lockPath)}, told() {}, signal })
  `
}
