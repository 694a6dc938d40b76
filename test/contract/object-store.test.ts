// The object store's promises, on every database Lockstep runs on.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqlite } from '../../src/store/sqlite.ts'
import { describeObjectStore } from './object-store-suite.ts'

describeObjectStore('object store on SQLite in memory', async () => {
  const db = await openSqlite(':memory:')
  return { db, close: () => db.destroy() }
})

describeObjectStore('object store on SQLite in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-store-'))
  const db = await openSqlite(join(folder, 'lockstep.db'))
  return {
    db,
    async close() {
      await db.destroy()
      await rm(folder, { recursive: true, force: true })
    },
  }
})
