import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../foundation/system-clock.ts'
import { startTraffic, type Traffic } from './traffic.ts'

const requests = [1, 2, 3].map((person) => ({ key: `person-${person}`, body: Buffer.from('{}') }))
let server: Server

async function serve(
  answer: (count: number) => { status: number; release?: string } | 'break',
): Promise<string> {
  let count = 0
  server = createServer((incoming, outgoing) => {
    incoming.resume()
    incoming.on('end', () => {
      const next = answer(++count)
      if (next === 'break') {
        incoming.socket.destroy()
        return
      }
      outgoing
        .writeHead(next.status, next.release ? { 'x-lockstep-release': next.release } : {})
        .end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function until(traffic: Traffic, answered: number): Promise<void> {
  while (traffic.counts().answered < answered) await systemClock.sleep(5)
}

test('answers are counted for the release that gave them, errors apart', async () => {
  const url = await serve((count) =>
    count % 4 === 0 ? { status: 500, release: '2' } : { status: 200, release: '1' },
  )
  const traffic = startTraffic({ url, path: '/', perSecond: 400, requests, clock: systemClock })
  await until(traffic, 40)
  const { sent, answered, lost, byRelease } = await traffic.stop()
  expect(answered).toBe(sent)
  expect(lost).toBe(0)
  expect(byRelease['1']).toMatchObject({ errors: 0, firstErrorAt: null })
  expect(byRelease['2']?.errors).toBe(byRelease['2']?.answered)
  expect((byRelease['1']?.answered ?? 0) + (byRelease['2']?.answered ?? 0)).toBe(answered)
})

test('a request whose connection breaks is sent again, as clients do, and is lost only when that does not help', async () => {
  const url = await serve((count) => (count === 2 ? 'break' : { status: 200, release: '1' }))
  const traffic = startTraffic({ url, path: '/', perSecond: 200, requests, clock: systemClock })
  await until(traffic, 10)
  const { sent, answered, retried, lost } = await traffic.stop()
  expect(retried).toBeGreaterThanOrEqual(1)
  expect(lost).toBe(0)
  expect(answered).toBe(sent)
})

test('an error that no release gave is lost to the client', async () => {
  const url = await serve((count) =>
    count === 1 ? { status: 503 } : { status: 200, release: '1' },
  )
  const traffic = startTraffic({ url, path: '/', perSecond: 200, requests, clock: systemClock })
  await until(traffic, 5)
  expect((await traffic.stop()).lost).toBe(1)
})
