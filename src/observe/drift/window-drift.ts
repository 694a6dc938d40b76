// The look of a monitor: live rows of one release since an instant, counted on that release's own reference profile.
import { quoteName, quoteText, type Tables, tableOf } from '../../build/tables/duckdb.ts'
import { type Instant, toIso } from '../../foundation/clock.ts'
import { compareProfiles } from '../../verify/data/drift/drift-profiles.ts'
import { countOnProfile, type DatasetProfile } from '../../verify/data/profile/profile.ts'
import { captureColumnOf } from '../profiles/capture-line.ts'
import { captureFilesOf } from '../profiles/captures.ts'
import { driftOf } from './column-drift.ts'
import { type DriftCriteria, type JudgedColumn, judgeColumns } from './judge-columns.ts'

export interface WindowDriftRequest {
  /** Opened only when there are captures to count. */
  readonly tables: () => Promise<Tables>
  /** `.lockstep/captures` */
  readonly captures: string
  readonly environment: string
  readonly model: string
  /** The release whose traffic is looked at, with the profile that was sealed with it. */
  readonly releaseId: string
  readonly profile: DatasetProfile
  /** Columns to compare; empty means every profiled column that was captured, the score included. */
  readonly columns: readonly string[]
  readonly criteria: DriftCriteria
  readonly since: Instant
}

export interface WindowDrift {
  readonly releaseId: string
  readonly since: Instant
  readonly rows: number
  /** When the newest row was served; null without rows. */
  readonly newestAt: Instant | null
  /** Most drifted first; empty without rows. */
  readonly columns: readonly JudgedColumn[]
  /** Wanted, but not in the profile or not captured. */
  readonly notCompared: readonly string[]
}

export async function windowDrift(request: WindowDriftRequest): Promise<WindowDrift> {
  const { releaseId, since, profile } = request
  const wanted = request.columns.length > 0 ? request.columns : Object.keys(profile.columns)
  const files = await captureFilesOf(request)
  const nothing = { releaseId, since, rows: 0, newestAt: null, columns: [], notCompared: [] }
  if (files.length === 0) return nothing
  const tables = await request.tables()
  const present = await capturedColumns(tables, files)
  const compared = wanted.filter(
    (name) => profile.columns[name] !== undefined && present.has(capturedAs(name)),
  )
  // Columns of the profile that no request carries (the label, say) are only worth a word when they were asked for.
  const notCompared = request.columns.filter((name) => !compared.includes(name))
  const where = `WHERE "at" >= ${quoteText(toIso(since).slice(0, -1))}::TIMESTAMP`
  const [seen] = await tables.query<{ rows: number; newest: number | null }>(
    `SELECT count(*) AS rows, epoch_ms(max("at")) AS newest FROM ${tableOf(files)} ${where}`,
  )
  const rows = seen?.rows ?? 0
  if (rows === 0 || compared.length === 0) return { ...nothing, rows, notCompared }
  const reference: DatasetProfile = {
    rows: profile.rows,
    columns: Object.fromEntries(
      compared.flatMap((name) => {
        const column = profile.columns[name]
        return column ? [[name, column]] : []
      }),
    ),
  }
  const list = compared.map((name) => `${quoteName(capturedAs(name))} AS ${quoteName(name)}`)
  const sql = `SELECT ${list.join(', ')} FROM ${tableOf(files)} ${where}`
  const live = await countOnProfile(tables, reference, { sql })
  const drifts = compareProfiles(reference, live).map(driftOf)
  return {
    releaseId,
    since,
    rows,
    newestAt: seen?.newest ?? null,
    columns: judgeColumns(drifts, request.criteria),
    notCompared,
  }
}

async function capturedColumns(tables: Tables, files: readonly string[]): Promise<Set<string>> {
  const rows = await tables.query<{ column_name: string }>(
    `DESCRIBE SELECT * FROM ${tableOf(files)}`,
  )
  return new Set(rows.map((row) => row.column_name))
}

/** In a profile `score` is the model's score; an input of that name is stored with a prefix. */
function capturedAs(name: string): string {
  return name === 'score' ? name : captureColumnOf(name)
}
