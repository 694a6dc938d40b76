// The file index in the state database: digests of unchanged files survive restarts.
import type { Digest } from '../../foundation/digest.ts'
import type { Database, FileStampRow } from '../../store/schema.ts'
import type { FileMode } from './artifact.ts'
import type { FileIndexPort, FileStamp } from './file-index.ts'

/** SQLite allows 32 766 variables in a statement; a row has eight. */
const batch = 1000

export function createFileIndex(db: Database): FileIndexPort {
  return {
    async load(paths) {
      const stamps = new Map<string, FileStamp>()
      for (let start = 0; start < paths.length; start += batch) {
        const rows = await db
          .selectFrom('file_stamps')
          .selectAll()
          .where('path', 'in', paths.slice(start, start + batch))
          .execute()
        for (const row of rows) stamps.set(row.path, stampOf(row))
      }
      return stamps
    },
    async save(entries) {
      const rows = [...entries].map(([path, stamp]) => rowOf(path, stamp))
      if (rows.length === 0) return
      await db.transaction().execute(async (tx) => {
        for (let start = 0; start < rows.length; start += batch) {
          await tx
            .insertInto('file_stamps')
            .values(rows.slice(start, start + batch))
            .onConflict((conflict) =>
              conflict.column('path').doUpdateSet((row) => ({
                size: row.ref('excluded.size'),
                mode: row.ref('excluded.mode'),
                mtime_ns: row.ref('excluded.mtime_ns'),
                ctime_ns: row.ref('excluded.ctime_ns'),
                inode: row.ref('excluded.inode'),
                digest: row.ref('excluded.digest'),
                recorded_at: row.ref('excluded.recorded_at'),
              })),
            )
            .execute()
        }
      })
    },
  }
}

function stampOf(row: FileStampRow): FileStamp {
  return {
    size: row.size,
    mode: row.mode as FileMode,
    mtimeNs: row.mtime_ns,
    ctimeNs: row.ctime_ns,
    inode: row.inode,
    digest: row.digest as Digest,
    recordedAt: row.recorded_at,
  }
}

function rowOf(path: string, stamp: FileStamp): FileStampRow {
  return {
    path,
    size: stamp.size,
    mode: stamp.mode,
    mtime_ns: stamp.mtimeNs,
    ctime_ns: stamp.ctimeNs,
    inode: stamp.inode,
    digest: stamp.digest,
    recorded_at: stamp.recordedAt,
  }
}
