// Long work over a real socket: what is told arrives before the answer, a problem ends it, and leaving stops it.
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LockstepError } from '../foundation/errors.ts'
import { silentLogger } from '../foundation/logger.ts'
import type { Listener } from './contract/route.ts'
import { tell } from './tell.ts'

let dir: string
let server: FastifyInstance
let work: (listener: Listener) => Promise<unknown>

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-tell-'))
  server = Fastify({ forceCloseConnections: true })
  server.post('/', (_request, reply) => tell(reply, (listener) => work(listener), silentLogger))
  await server.listen({ path: join(dir, 's.sock') })
})

afterEach(async () => {
  await server.close()
  await rm(dir, { recursive: true, force: true })
})

function ask(leave?: AbortSignal): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: join(dir, 's.sock'), method: 'POST' }, (answer) => {
      let text = ''
      answer.on('data', (chunk) => {
        text += String(chunk)
      })
      answer.on('error', reject)
      answer.on('end', () =>
        resolve(
          text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as unknown),
        ),
      )
    })
    leave?.addEventListener('abort', () => asked.destroy())
    asked.on('error', reject)
    asked.end()
  })
}

const progress = { sentence: 'copying', done: 1, total: 2, unit: 'files' } as const

test('the last thing told comes before the answer', async () => {
  work = async (listener) => {
    listener.told({ ...progress, done: 0 })
    listener.told(progress)
    return { copied: 2 }
  }
  expect(await ask()).toEqual([{ told: progress }, { answer: { copied: 2 } }])
})

test('what goes wrong on the way is a problem document, after what was told', async () => {
  work = async (listener) => {
    listener.told(progress)
    throw new LockstepError({
      code: 'package.refused',
      kind: 'forbidden',
      message: 'the registry said no',
    })
  }
  const lines = await ask()
  expect(lines[0]).toEqual({ told: progress })
  expect(lines[1]).toMatchObject({
    problem: { status: 403, code: 'package.refused', detail: 'the registry said no' },
  })
})

test('the listener leaving stops the work', async () => {
  const leave = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    work = async (listener) => {
      listener.signal.addEventListener('abort', () => resolve())
      leave.abort()
      await stopped
    }
  })
  await expect(ask(leave.signal)).rejects.toThrow()
  await stopped
})
