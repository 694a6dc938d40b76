import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { controlFileOf, discoverControl } from './discover.ts'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-discover-'))
  await mkdir(dirname(controlFileOf(dir)), { recursive: true })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const announce = (value: unknown) => writeFile(controlFileOf(dir), JSON.stringify(value))

test('a folder without a control plane has none', async () => {
  expect(await discoverControl(dir)).toBeNull()
  expect(await discoverControl(join(dir, 'nowhere'))).toBeNull()
})

test('finds a control plane that answers its socket', async () => {
  const socket = join(dir, 'c.sock')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  const running = { pid: process.pid, socket, url: 'http://127.0.0.1:7070', project: 'income' }
  await announce(running)
  expect(await discoverControl(dir)).toEqual(running)
  await new Promise((resolve) => server.close(resolve))
  // The process number lives on, the socket does not.
  expect(await discoverControl(dir)).toBeNull()
})

test('the file of a dead process, or half a file, is none', async () => {
  await announce({ pid: 2 ** 30, socket: join(dir, 'c.sock'), url: null, project: 'income' })
  expect(await discoverControl(dir)).toBeNull()
  await writeFile(controlFileOf(dir), '{"pid": 12')
  expect(await discoverControl(dir)).toBeNull()
})
