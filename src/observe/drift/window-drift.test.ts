// On real data: the census of 1994 as the reference, live rows from 1994 (calm) and from older people of 1995 (drift).
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTables, quoteText, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import { toIso } from '../../foundation/clock.ts'
import { type DatasetProfile, profileTable } from '../../verify/data/profile/profile.ts'
import { captureFolder, hourOf } from '../profiles/captures.ts'
import { windowDrift } from './window-drift.ts'

const census = (year: number) =>
  tableOf(fileURLToPath(new URL(`../../../examples/income/data/${year}.parquet`, import.meta.url)))

describe('a window of live rows', () => {
  let tables: Tables
  let captures: string
  let profile: DatasetProfile
  const now = Date.UTC(2026, 0, 5, 9, 30)

  beforeAll(async () => {
    tables = await openTables({ threads: 2 })
    captures = await mkdtemp(join(tmpdir(), 'lockstep-window-'))
    const reference = `SELECT * EXCLUDE (split, person_id, survey_year), age / 100.0 AS score FROM ${census(1994)} WHERE split = 'train'`
    profile = await profileTable(tables, { sql: reference })
  })
  afterAll(async () => {
    tables.close()
    await rm(captures, { recursive: true })
  })

  async function serve(releaseId: string, rows: { from: string; where: string; limit: number }) {
    const folder = captureFolder(captures, { environment: 'production', model: 'income' })
    await mkdir(folder, { recursive: true })
    const facts = `${quoteText(toIso(now).slice(0, -1))}::TIMESTAMP AS "at", 'p' AS id`
    const sql = `SELECT ${facts}, * EXCLUDE (split, person_id, survey_year, income_over_50k, row_id), age / 100.0 AS score FROM (SELECT *, row_number() OVER () AS row_id FROM ${rows.from}) WHERE ${rows.where} ORDER BY hash(row_id) LIMIT ${rows.limit}`
    const file = join(folder, `${hourOf(now)}-b1-1-${releaseId}.parquet`)
    await tables.query(`COPY (${sql}) TO ${quoteText(file)} (FORMAT parquet)`)
  }

  const look = (releaseId: string, change: { columns?: string[]; since?: number } = {}) =>
    windowDrift({
      tables: async () => tables,
      captures,
      environment: 'production',
      model: 'income',
      releaseId,
      profile,
      columns: change.columns ?? [],
      criteria: { minRows: 500, psi: 0.1, falseDiscovery: 0.05 },
      since: change.since ?? now - 1000,
    })

  test('of the same population has no drifted column', async () => {
    await serve('rel_1', { from: census(1994), where: "split = 'holdout'", limit: 1500 })
    const window = await look('rel_1')
    expect(window).toMatchObject({ rows: 1500, newestAt: now, notCompared: [] })
    expect(window.columns.filter(({ verdict }) => verdict !== 'stable')).toEqual([])
    expect(window.columns.map(({ column }) => column)).toContain('score')
    expect(window.columns.map(({ column }) => column)).not.toContain('income_over_50k')
  })

  test('of older people names age, in words, and leaves what did not move alone', async () => {
    await serve('rel_2', { from: census(1995), where: 'age >= 55', limit: 1500 })
    const { columns } = await look('rel_2')
    const drifted = columns.filter(({ verdict }) => verdict === 'drifted')
    expect(drifted.map(({ column }) => column)).toEqual(expect.arrayContaining(['age', 'score']))
    const [mover] = drifted.find(({ column }) => column === 'age')?.movers ?? []
    expect(mover?.sentence).toMatch(/^age 5\d–\d\d: \d+ % → \d+ %$/)
    expect(columns.find(({ column }) => column === 'sex')?.verdict).toBe('stable')
  })

  test('of too few rows is insufficient, of none has no columns', async () => {
    await serve('rel_3', { from: census(1995), where: 'age >= 55', limit: 60 })
    const window = await look('rel_3', { columns: ['age', 'shoe_size'] })
    expect(window.columns).toMatchObject([{ column: 'age', verdict: 'insufficient' }])
    expect(window.notCompared).toEqual(['shoe_size'])
    expect(await look('rel_9')).toMatchObject({ rows: 0, columns: [] })
    expect(await look('rel_1', { since: now + 1 })).toMatchObject({ rows: 0, columns: [] })
  })
})
