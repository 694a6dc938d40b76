// SQLite by Node's own binding, behind Kysely: WAL so readers never wait, synchronous FULL so a commit survives power loss.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import { migrate } from './migrations.ts'
import type { Database, Schema } from './schema.ts'

/** Opens (and makes, and migrates) the database at `path`; `:memory:` for tests. */
export async function openSqlite(path: string): Promise<Database> {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    const file = new DatabaseSync(path, { timeout: 10_000 })
    file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    const db = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: asKyselyDatabase(file) }),
    })
    await migrate(db)
    return db
  } catch (error) {
    throw explain(path, error)
  }
}

/** Kysely expects better-sqlite3's shape; node:sqlite differs in how parameters are passed and readers are told apart. */
function asKyselyDatabase(file: DatabaseSync): SqliteDatabase {
  return {
    close: () => file.close(),
    prepare: (text) => {
      const statement = file.prepare(text)
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      }
    },
  }
}

function explain(path: string, error: unknown): LockstepError {
  const code = systemCodeOf(error) ?? ''
  const sentence = sentenceOf(error)
  const full = /full|ENOSPC/i.test(`${code} ${sentence}`)
  const readOnly = /readonly|read-only|EROFS|EACCES|unable to open/i.test(`${code} ${sentence}`)
  return new LockstepError({
    code: full ? 'store.disk_full' : readOnly ? 'store.unwritable' : 'store.unreadable',
    kind: 'unavailable',
    message: `the state database ${path} cannot be used: ${sentence}`,
    hint: full
      ? 'free some space on this disk and start again; nothing was lost'
      : readOnly
        ? 'check that the folder exists, is writable by you and is not on a read-only disk'
        : 'if the file was damaged, restore it from a backup; Lockstep never overwrites it',
    cause: error,
  })
}
