// SQLite by Node's own binding, behind Kysely: WAL so readers never wait, synchronous FULL so a commit survives power loss.
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { isLockstepError, LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import { makeFolder } from '../foundation/make-folder.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { migrate } from './migrations.ts'
import type { Database, Schema } from './schema.ts'

const waitMs = 10_000
const pauseMs = 25

/** Opens (and makes, and migrates) the database at `path`; `:memory:` for tests. */
export async function openSqlite(path: string): Promise<Database> {
  const until = systemClock.now() + waitMs
  for (;;) {
    try {
      return await openOnce(path)
    } catch (error) {
      // While several processes make one database, SQLite answers 'locked' to some of them at once, whatever its timeout.
      const isBusy = isLockstepError(error) && error.code === busy.code
      if (!isBusy || systemClock.now() > until) throw error
      await systemClock.sleep(pauseMs)
    }
  }
}

async function openOnce(path: string): Promise<Database> {
  let file: DatabaseSync | undefined
  try {
    if (path !== ':memory:') await makeFolder(dirname(path))
    file = new DatabaseSync(path, { timeout: waitMs })
    file.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    const db = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: asKyselyDatabase(path, file) }),
    })
    await migrate(db)
    return db
  } catch (error) {
    file?.close()
    throw explain(path, error)
  }
}

/** Kysely expects better-sqlite3's shape; node:sqlite differs in how parameters are passed and readers are told apart. */
function asKyselyDatabase(path: string, file: DatabaseSync): SqliteDatabase {
  const explained = <T>(task: () => T): T => {
    try {
      return task()
    } catch (error) {
      throw resultCodeOf(error) === wrongStatement ? error : explain(path, error)
    }
  }
  return {
    close: () => file.close(),
    prepare: (text) => {
      // When a full disk has ended the transaction already, there is nothing left to roll back.
      if (text === 'rollback' && !file.isTransaction) return prepared(file, 'select 1', explained)
      // Every transaction here writes. One that began by reading would be told 'locked' at once instead of waiting its turn.
      return prepared(file, text === 'begin' ? 'begin immediate' : text, explained)
    },
  }
}

function prepared(
  file: DatabaseSync,
  text: string,
  explained: <T>(task: () => T) => T,
): ReturnType<SqliteDatabase['prepare']> {
  const statement = explained(() => file.prepare(text))
  const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[]
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => explained(() => statement.all(...values(parameters))),
    run: (parameters) => explained(() => statement.run(...values(parameters))),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  }
}

interface Trouble {
  readonly code: string
  readonly hint: string
}

const full: Trouble = {
  code: 'store.disk_full',
  hint: 'free some space on this disk and try again; what was committed before is safe',
}
const unwritable: Trouble = {
  code: 'store.unwritable',
  hint: 'check that the folder exists, is writable by you and is not on a read-only disk',
}
const unreadable: Trouble = {
  code: 'store.unreadable',
  hint: 'if the file was damaged, restore it from a backup; Lockstep never overwrites it',
}
const busy: Trouble = {
  code: 'store.busy',
  hint: 'another process holds it; try again in a moment',
}

/** By SQLite's primary result codes (https://www.sqlite.org/rescode.html) and by the system's. */
const troubles: Readonly<Record<string, Trouble>> = {
  ...{ 5: busy, 6: busy, 8: unwritable, 13: full, 14: unwritable },
  ...{ ENOSPC: full, EDQUOT: full, EROFS: unwritable, EACCES: unwritable, EPERM: unwritable },
  ...{ ENOTDIR: unwritable, EEXIST: unwritable },
}

const constraintViolated = 19
/** A mistake of ours, not of the disk's. */
const wrongStatement = 1

function explain(path: string, error: unknown): LockstepError {
  if (isLockstepError(error)) return error
  const result = resultCodeOf(error)
  if (result === constraintViolated)
    return new LockstepError({
      code: 'store.revision_conflict',
      kind: 'conflict',
      message: `someone else wrote the same at the same time: ${sentenceOf(error)}`,
      hint: 'read it again and decide anew',
      cause: error,
    })
  const { code, hint } = troubles[result ?? systemCodeOf(error) ?? ''] ?? unreadable
  return new LockstepError({
    code,
    kind: 'unavailable',
    message: `the state database ${path} cannot be used: ${sentenceOf(error)}`,
    hint,
    cause: error,
  })
}

/** The extended code's low byte; undefined when the error is not SQLite's. */
function resultCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined
}
