// Pulses and notices: what beats goes on beating, and every notice reaches people at least once.
import { expect, test } from 'vitest'
import { TestClock } from '../../test/support/test-clock.ts'
import { type Logger, silentLogger } from '../foundation/logger.ts'
import { turn } from '../foundation/system-clock.ts'
import { createObjectStore } from '../store/object-store.ts'
import { openSqlite } from '../store/sqlite.ts'
import { deliverNotices } from './notices.ts'
import { runPulses } from './pulses.ts'

const turns = async () => {
  for (let i = 0; i < 10; i++) await turn()
}

test('a pulse that fails is said once per sentence, goes on, and holds up no other', async () => {
  const clock = new TestClock()
  const said: unknown[] = []
  const logger: Logger = { ...silentLogger, error: (_, fields) => said.push(fields?.error) }
  const stop = new AbortController()
  const sentences = ['away', 'away', 'full', '', 'full']
  let broken = 0
  let fine = 0
  const done = runPulses(
    [
      {
        name: 'broken',
        everyMs: 100,
        async run() {
          const sentence = sentences[broken++]
          if (sentence) throw new Error(sentence)
        },
      },
      {
        name: 'fine',
        everyMs: 50,
        async run() {
          fine += 1
        },
      },
    ],
    { clock, logger, stop: stop.signal },
  )
  for (let i = 0; i < 10; i++) {
    await turns()
    clock.advance(50)
  }
  stop.abort()
  await done
  expect(said).toEqual(['away', 'full', 'full'])
  expect(broken).toBe(5)
  expect(fine).toBe(10)
})

test('a notice that cannot be sent holds up no other, and is sent again until it has arrived', async () => {
  const clock = new TestClock()
  const db = await openSqlite(':memory:')
  const store = createObjectStore(db, clock)
  for (const sentence of ['one', 'two', 'three']) {
    await store.commit({ changes: [], notices: [{ topic: 't', sentence }] })
    clock.advance(1)
  }
  const sent: string[] = []
  let isAway = true
  const sender = {
    async send({ sentence }: { readonly sentence: string }) {
      if (sentence === 'two' && isAway) throw new Error('away')
      sent.push(sentence)
    },
  }
  await expect(deliverNotices(db, sender, clock)).rejects.toThrow('away')
  isAway = false
  await deliverNotices(db, sender, clock)
  await deliverNotices(db, sender, clock)
  expect(sent).toEqual(['one', 'three', 'two'])
  await db.destroy()
})
