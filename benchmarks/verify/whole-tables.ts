// Checks that read a whole table against another, or every column against the label: drift, leakage and overlap.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openTables, quoteText } from '../../src/build/tables/duckdb.ts'
import { stopwatch } from '../../src/foundation/system-clock.ts'
import { measureData } from '../../src/verify/data/measure-data.ts'
import { measureBetween } from '../../src/verify/data/overlap/overlap-measure.ts'
import { profileTable } from '../../src/verify/data/profile/profile.ts'
import { writeTable } from './data-table.ts'

export interface WholeTables {
  readonly profileMs: number
  readonly driftMs: number
  readonly leakageMs: number
  readonly overlapMs: number
}

const threads = 2

/** The quickest of two rounds each. */
export async function measureWholeTables(folder: string, rows: number): Promise<WholeTables> {
  const table = join(folder, `rows-${rows}.parquet`)
  const other = join(folder, `other-${rows}.parquet`)
  await writeTable(table, rows)
  await writeOther(table, other)
  const tables = await openTables({ threads, memoryLimit: '512MB' })
  const profiled = await quickest(() => profileTable(tables, table))
  const overlap = await quickest(async () => {
    const find = (name: string) => ({
      ...{ name, paths: [name === 'train' ? table : other] },
      ...{ key: [], time: null, label: null },
    })
    const found = await measureBetween(
      tables,
      {
        ...{ rule: 'overlap', left: 'train', right: 'other', by: 'rows', unit: 'rows' },
        ...{ limit: { op: '=', value: 0 }, except: ['label'] },
      },
      find,
    )
    expectMethod(found.method, 'common_rows')
  })
  tables.close()
  const now = '2026-07-01T12:00:00.000Z'
  const limit = { op: '<=', value: 0.9 } as const
  const drift = await quickest(async () => {
    const [found] = await measureData(
      other,
      {
        checks: [
          {
            ...{ rule: 'drift', column: null, limit, vs: 'champion', method: 'psi' },
            ...{ bins: null, except: ['label'] },
          },
        ],
        facts: {
          reference: async () => ({ found: 'profile', name: 'train', profile: profiled.value }),
        },
        now,
      },
      { threads },
    )
    expectMethod(found?.method, 'drift')
  })
  const leakage = await quickest(async () => {
    const [found] = await measureData(
      other,
      { checks: [{ rule: 'leakage', limit, label: 'label', except: [] }], now },
      { threads },
    )
    expectMethod(found?.method, 'leakage')
  })
  return {
    profileMs: profiled.ms,
    driftMs: drift.ms,
    leakageMs: leakage.ms,
    overlapMs: overlap.ms,
  }
}

/** Other rows with the same columns, and a label. */
async function writeOther(table: string, path: string): Promise<void> {
  if (existsSync(path)) return
  const tables = await openTables()
  await tables.query(
    `COPY (SELECT * REPLACE (n0 + 0.5 AS n0), (hash(n1, s5) % 10 = 0)::INT AS label FROM read_parquet(${quoteText(table)})) TO ${quoteText(path)} (FORMAT parquet)`,
  )
  tables.close()
}

async function quickest<Value>(
  task: () => Promise<Value>,
): Promise<{ readonly ms: number; readonly value: Value }> {
  const once = async () => {
    const elapsed = stopwatch()
    const value = await task()
    return { ms: elapsed(), value }
  }
  const first = await once()
  const second = await once()
  return { ms: Math.min(first.ms, second.ms), value: second.value }
}

function expectMethod(found: string | undefined, wanted: string): void {
  if (found !== wanted) throw new Error(`the measurement says ${found}, not ${wanted}`)
}
