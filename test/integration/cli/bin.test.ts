// The files in bin/ as processes: the sentence for an old Node.js, and an install that happens once.
import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const bin = fileURLToPath(new URL('../../../bin/', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(
  args: readonly string[],
  cwd: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  const { npm_execpath: _, ...env } = process.env
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...env, npm_config_loglevel: 'error' },
  })
  const texts = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    texts.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    texts.err += chunk
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, ...texts }))
  })
  return { child, ended }
}

const run = (args: readonly string[], cwd: string) => start(args, cwd).ended

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-bin-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

describe('lockstep.js', () => {
  test('prints its version', async () => {
    const { code, out } = await run([join(bin, 'lockstep.js'), '--version'], dir)
    expect(code).toBe(0)
    expect(out).toMatch(/^lockstep \d+\.\d+\.\d+\n$/)
  })

  test('tells an old Node.js what is needed', async () => {
    const old = "Object.defineProperty(process, 'versions', { value: { node: '20.20.2' } })"
    const args = ['--import', `data:text/javascript,${encodeURIComponent(old)}`]
    const { code, out, err } = await run([...args, join(bin, 'lockstep.js'), 'status'], dir)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(
      /^Lockstep needs Node\.js 24 or newer; this is Node\.js 20\.20\.2\. .*npx lockstep/,
    )
    expect(err.trim().split('\n')).toHaveLength(1)
  })
})

describe('with-install.js', () => {
  const withInstall = (...args: string[]) => ['bin/with-install.js', ...args]

  /** A checkout whose one dependency, a folder, has a bin `hello`. */
  beforeEach(async () => {
    await cp(bin, join(dir, 'bin'), { recursive: true })
    await mkdir(join(dir, 'hello'))
    const hello = { name: 'hello', version: '1.0.0', bin: { hello: 'hello.js' } }
    const root = {
      name: 'x',
      version: '1.0.0',
      type: 'module',
      dependencies: { hello: 'file:hello' },
    }
    const { type: _, ...locked } = root
    await write('package.json', root)
    await write('hello/package.json', hello)
    await write('package-lock.json', {
      ...{ name: 'x', version: '1.0.0', lockfileVersion: 3, requires: true },
      packages: {
        '': locked,
        hello: { version: '1.0.0', bin: hello.bin },
        'node_modules/hello': { resolved: 'hello', link: true },
      },
    })
    await writeFile(
      join(dir, 'hello', 'hello.js'),
      `#!/usr/bin/env node
const [code] = process.argv.slice(2)
if (code === 'wait') {
  const timer = setInterval(() => {}, 1000)
  process.on('SIGTERM', () => { clearInterval(timer); process.exitCode = 7 })
} else process.exitCode = Number(code)
console.log('hello', process.env.PATH.split(require('node:path').delimiter)[0].endsWith('.bin'))
`,
    )
  })
  const write = (file: string, value: unknown) =>
    writeFile(join(dir, file), JSON.stringify(value, null, 2))

  test('installs once, again when the lock changed, and passes output and exit code on', async () => {
    const first = await run(withInstall('hello', '5'), dir)
    expect(first.err).toContain('Installing dependencies: none are here yet.')
    expect(first.err).toMatch(/Installed in \d+\.\d s\./)
    expect(first.out).toBe('hello true\n')
    expect(first.code).toBe(5)
    const second = await run(withInstall('hello', '0'), dir)
    expect(second).toEqual({ code: 0, out: 'hello true\n', err: '' })
    // npm installed by hand: the same set counts as installed.
    await rm(join(dir, 'node_modules', '.lockstep-installed'))
    expect((await run(withInstall('hello', '0'), dir)).err).toBe('')
    await writeFile(join(dir, 'node_modules', '.lockstep-installed'), 'another lock\n')
    const third = await run(withInstall('hello', '0'), dir)
    expect(third.err).toContain('package-lock.json changed')
  })

  test('a signal reaches the tool, whose exit code counts', async () => {
    await run(withInstall('hello', '0'), dir)
    const { child, ended } = start(withInstall('hello', 'wait'), dir)
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    child.kill('SIGTERM')
    expect((await ended).code).toBe(7)
  })

  test('an install that fails says so and starts nothing', async () => {
    await writeFile(join(dir, 'package-lock.json'), '{"lockfileVersion": 3, "packages": {}}')
    const { code, err, out } = await run(withInstall('hello', '0'), dir)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toContain('npm error')
    expect(err).toContain('nothing was started')
  })
})
